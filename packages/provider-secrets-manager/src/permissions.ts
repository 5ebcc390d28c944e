import { type KeyUse, permitVia, type Store } from "@serverless-secrets/aws-client";
import type { Permission, Scope } from "@serverless-secrets/core";
import type { SecretsManagerTarget } from "./target.ts";

/** What of a target a policy is about. */
export type SecretToPermit = Pick<SecretsManagerTarget, "secretId" | "region" | "keyArn">;

/**
 * What reading these needs: GetSecretValue on each, BatchGetSecretValue where two or more are read in one call, and
 * Decrypt with the customer's keys behind them.
 */
export function permitReads(
  targets: readonly SecretsManagerTarget[],
  scope: Scope,
  { batches }: { readonly batches: boolean },
): readonly Permission[] {
  if (targets.length === 0) return [];
  const permissions: Permission[] = [{ actions: ["secretsmanager:GetSecretValue"], resources: arnsOf(targets, scope) }];
  if (batches && isBatched(targets)) {
    // It has no resource type: what it may bring is decided by GetSecretValue on each.
    permissions.push({ actions: ["secretsmanager:BatchGetSecretValue"], resources: ["*"] });
  }
  return [...permissions, ...permitVia(["kms:Decrypt"], store, keysBehind(targets, scope))];
}

/** What creating these, and giving them new versions, needs. */
export function permitWrites(secrets: readonly SecretToPermit[], scope: Scope): readonly Permission[] {
  if (secrets.length === 0) return [];
  const actions = ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"];
  const keys = permitVia(["kms:Decrypt", "kms:GenerateDataKey"], store, keysBehind(secrets, scope));
  return [{ actions, resources: arnsOf(secrets, scope) }, ...keys];
}

const store: Store = { service: "secretsmanager", contextName: "SecretARN" };

function isBatched(targets: readonly SecretsManagerTarget[]): boolean {
  const idsByBatch = new Map<string, Set<string>>();
  for (const { batch, id } of targets) {
    if (batch !== undefined) idsByBatch.set(batch, (idsByBatch.get(batch) ?? new Set()).add(id));
  }
  return [...idsByBatch.values()].some((ids) => ids.size > 1);
}

function keysBehind(secrets: readonly SecretToPermit[], scope: Scope): readonly KeyUse[] {
  return secrets.flatMap((secret) => {
    const keyArn = secret.keyArn ?? scope.keyArn(secret.secretId);
    if (keyArn === undefined) return [];
    return [{ keyArn, region: secret.region ?? scope.region, entryArn: arnOf(secret, scope) }];
  });
}

const arnsOf = (secrets: readonly SecretToPermit[], scope: Scope): readonly string[] =>
  [...new Set(secrets.map((secret) => arnOf(secret, scope)))].sort();

/**
 * The ARN of a secret in a policy. It ends in six characters that nobody knows from the name; `-*` in their place would
 * match other secrets whose names go on after a hyphen.
 */
function arnOf({ secretId, region }: SecretToPermit, scope: Scope): string {
  if (secretId.startsWith("arn:")) return isWhole(secretId) ? secretId : `${secretId}-??????`;
  return `arn:${scope.partition}:secretsmanager:${region ?? scope.region}:${scope.accountId}:secret:${secretId}-??????`;
}

/** Whether an ARN has the six characters; one without them, of a name that ends like them, AWS takes for whole too. */
const isWhole = (arn: string): boolean => /-[A-Za-z0-9]{6}$/.test(arn);
