import { policyLiteral } from "@serverless-secrets/aws-client";
import type { Permission } from "@serverless-secrets/core";
import type { EncryptionContext } from "./context.ts";
import type { KmsKey } from "./key.ts";

/** A use of a key under a context. */
export interface KmsUse {
  readonly key: KmsKey;
  readonly context: EncryptionContext;
}

/**
 * The statements that allow `action` on these keys, each under its own contexts alone. What KMS authorises is key and
 * context: a use without context can be made by every holder of the key. Uses that differ in the pair `name` alone share
 * a statement.
 */
export function permitUses(action: string, uses: readonly KmsUse[]): readonly Permission[] {
  const statements = new Map<string, { key: KmsKey; context: EncryptionContext; names: Set<string> }>();
  for (const { key, context } of uses) {
    const { name, ...others } = context;
    const id = JSON.stringify([key.arn, Object.entries(others), name === undefined]);
    const statement = statements.get(id) ?? { key, context: others, names: new Set<string>() };
    if (name !== undefined) statement.names.add(name);
    statements.set(id, statement);
  }
  return [...statements.values()].map(({ key, context, names }) => permit(action, key, context, [...names].sort()));
}

function permit(action: string, key: KmsKey, context: EncryptionContext, names: readonly string[]): Permission {
  const conditions: Record<string, string | readonly string[]> = {};
  // An alias ARN as a resource grants on the alias, not the key. Whoever may UpdateAlias redirects this grant.
  if (key.alias !== undefined) conditions["kms:RequestAlias"] = policyLiteral(key.alias);
  for (const [name, value] of Object.entries(context))
    conditions[`kms:EncryptionContext:${name}`] = policyLiteral(value);
  const [only] = names;
  if (only !== undefined) {
    conditions["kms:EncryptionContext:name"] = names.length === 1 ? policyLiteral(only) : names.map(policyLiteral);
  }
  const anyKey = `arn:${key.partition}:kms:${key.region}:${key.accountId}:key/*`;
  return {
    actions: [action],
    resources: [key.alias === undefined ? key.arn : anyKey],
    ...(Object.keys(conditions).length > 0 && { conditions: { StringEquals: conditions } }),
  };
}
