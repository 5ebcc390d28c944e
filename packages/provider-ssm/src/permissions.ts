import { type KeyUse, permitVia, type Store } from "@serverless-secrets/aws-client";
import type { Permission, Scope } from "@serverless-secrets/core";
import type { SsmTarget } from "./target.ts";

/** What of a target a policy is about. */
export type ParameterToPermit = Pick<SsmTarget, "name" | "region" | "keyArn">;

/**
 * What reading these needs: the action on each parameter by its name, and Decrypt with the customer's keys behind them. Never by
 * path, which would allow all levels below, also those denied by name.
 * @param action `ssm:GetParameters`, or `ssm:GetParameter` where the extension reads
 */
export function permitReads(
  action: string,
  targets: readonly ParameterToPermit[],
  scope: Scope,
): readonly Permission[] {
  if (targets.length === 0) return [];
  const keys = permitVia(["kms:Decrypt"], store, keysBehind(targets, scope));
  return [{ actions: [action], resources: arnsOf(targets, scope) }, ...keys];
}

/** What putting these needs. */
export function permitWrites(parameters: readonly ParameterToPermit[], scope: Scope): readonly Permission[] {
  if (parameters.length === 0) return [];
  // Standard parameters are encrypted by KMS itself, advanced ones under a data key.
  const keys = permitVia(["kms:Encrypt", "kms:GenerateDataKey"], store, keysBehind(parameters, scope));
  return [{ actions: ["ssm:PutParameter"], resources: arnsOf(parameters, scope) }, ...keys];
}

const store: Store = { service: "ssm", contextName: "PARAMETER_ARN" };

function keysBehind(parameters: readonly ParameterToPermit[], scope: Scope): readonly KeyUse[] {
  return parameters.flatMap((parameter) => {
    const keyArn = parameter.keyArn ?? scope.keyArn(parameter.name);
    if (keyArn === undefined) return [];
    return [{ keyArn, region: parameter.region ?? scope.region, entryArn: arnOf(parameter, scope) }];
  });
}

const arnsOf = (parameters: readonly ParameterToPermit[], scope: Scope): readonly string[] =>
  [...new Set(parameters.map((parameter) => arnOf(parameter, scope)))].sort();

/** The ARN of a parameter. A leading slash of its name is the one after `parameter`. */
function arnOf({ name, region }: ParameterToPermit, scope: Scope): string {
  if (name.startsWith("arn:")) return name;
  const { partition, accountId } = scope;
  return `arn:${partition}:ssm:${region ?? scope.region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
}
