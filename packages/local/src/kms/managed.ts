import { randomBytes, randomUUID } from "node:crypto";
import { type AwsError, awsError } from "../error.ts";
import type { OperationRequest } from "../service.ts";
import type { Found } from "./find.ts";
import type { Alias, Key, KmsState } from "./state.ts";

type Request = OperationRequest<KmsState>;

/**
 * The alias of a service's AWS-managed key, `alias/aws/ssm`. AWS makes key and alias when the service first needs them in a
 * region; so it is here, for that service alone.
 * https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
 */
export function managedAlias(request: Request, name: string): Alias | undefined {
  const { via, region, nowMs, state } = request;
  if (via === undefined || name !== `alias/aws/${via}`) return undefined;
  const key: Key = {
    id: randomUUID(),
    region,
    material: randomBytes(32).toString("base64"),
    description: `Default key that protects my ${via} data when no other key is defined`,
    createdMs: nowMs,
    enabled: true,
    managedBy: via,
    tags: {},
  };
  const alias: Alias = { name, region, keyId: key.id, createdMs: nowMs, updatedMs: nowMs };
  state.keys.push(key);
  state.aliases.push(alias);
  request.save();
  return alias;
}

/**
 * Lets a key be used. For an AWS-managed key that takes no permission of the caller's own: its key policy allows everyone in
 * the account, but only through its service. So no check is recorded that a policy would have to allow.
 *
 * @throws AwsError `AccessDeniedException`.
 */
export function authorizeUse(
  request: Request,
  { key, arn }: Found,
  action: string,
  context: Readonly<Record<string, string | readonly string[]>>,
): void {
  if (key.managedBy === undefined) request.authorize(action, arn, context);
  else if (key.managedBy !== request.via) throw refused(request, action, arn);
}

/** Refuses what AWS-managed keys are not open to: whatever changes them. @throws AwsError `AccessDeniedException`. */
export function notManaged(request: Request, { key, arn }: Found, action: string): void {
  if (key.managedBy !== undefined) throw refused(request, action, arn);
}

function refused(request: Request, action: string, arn: string): AwsError {
  const what = `is not authorized to perform: ${action} on resource: ${arn}`;
  const why = `because no resource-based policy allows the ${action} action`;
  return awsError("AccessDeniedException", `User: ${request.userArn} ${what} ${why}`);
}
