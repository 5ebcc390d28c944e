import { type AwsError, awsError } from "../error.ts";
import { partitionOf } from "../partition.ts";
import type { OperationRequest } from "../service.ts";
import type { Secret, SecretsManagerState } from "./state.ts";

/** A request to Secrets Manager. */
export type Request = OperationRequest<SecretsManagerState>;

/** How a request names a secret. */
export const secretId = { type: "string", required: true, min: 1, max: 2048 } as const;

/** What a secret's ARNs in one region begin with. */
function prefixOf({ region, accountId }: Pick<Request, "region" | "accountId">): string {
  return `arn:${partitionOf(region)}:secretsmanager:${region}:${accountId}:secret:`;
}

/** A secret's ARN. */
export function arnOf(request: Pick<Request, "accountId">, { region, name, suffix }: Secret): string {
  return `${prefixOf({ region, accountId: request.accountId })}${name}-${suffix}`;
}

/**
 * Finds the secret that a request names, and lets the caller act on it. As AWS does, permission is asked first: who may not read
 * does not learn what there is. Of a secret that is not there, the resource is what the request names.
 *
 * @throws AwsError `AccessDeniedException`, `ResourceNotFoundException`, `ValidationException`.
 */
export function permitted(request: Request, id: string, context: Readonly<Record<string, string>> = {}): Secret {
  const action = `secretsmanager:${request.operation}`;
  return permittedTo(request, action, id, context);
}

/** The same for an action that is not the request's own operation. */
export function permittedTo(
  request: Request,
  action: string,
  id: string,
  context: Readonly<Record<string, string>> = {},
): Secret {
  const secret = find(request, id, action);
  const tags = Object.entries(secret?.tags ?? {}).map(([name, value]) => [`aws:ResourceTag/${name}`, value]);
  const keys = { "secretsmanager:SecretId": id, ...context, ...Object.fromEntries(tags) };
  request.authorize(action, secret === undefined ? id : arnOf(request, secret), keys);
  if (secret === undefined) {
    throw awsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }
  return secret;
}

/** @throws AwsError `InvalidRequestException` where a secret is marked for deletion. */
export function notDeleted(secret: Secret): Secret {
  if (secret.deletedMs === undefined) return secret;
  const message = "You can't perform this operation on the secret because it was marked for deletion.";
  throw awsError("InvalidRequestException", message);
}

/**
 * By name, ARN, or ARN without its last six characters; as AWS, not by such a partial ARN where the name itself ends like one.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
function find(request: Request, id: string, action: string): Secret | undefined {
  const here = request.state.secrets.filter(({ region }) => region === request.region);
  if (!id.startsWith("arn:")) {
    if (!/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(id)) throw invalidName();
    return here.find(({ name }) => name === id);
  }
  const accountId = id.split(":")[4] ?? "";
  if (/^\d{12}$/.test(accountId) && accountId !== request.accountId) throw foreign(request, id, action);
  const prefix = prefixOf(request);
  if (!id.startsWith(prefix)) return undefined;
  const exact = here.find((secret) => arnOf(request, secret) === id);
  const partial = id.slice(prefix.length);
  return exact ?? (/-[A-Za-z0-9]{6}$/.test(partial) ? undefined : here.find(({ name }) => name === partial));
}

/** What AWS says of a name that cannot be one. */
export function invalidName(): AwsError {
  const allowed = "Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
  return awsError("ValidationException", `Invalid name. ${allowed}`);
}

function foreign(request: Request, arn: string, action: string): AwsError {
  const what = `is not authorized to perform: ${action} on resource: ${arn}`;
  const why = `because no resource-based policy allows the ${action} action`;
  return awsError("AccessDeniedException", `User: ${request.userArn} ${what} ${why}`);
}
