import { policyLiteral } from "@serverless-secrets/aws-client";
import type { Permission, Scope } from "@serverless-secrets/core";
import type { CredstashTarget, EncryptionContext } from "./target.ts";

/**
 * What reading these needs: of each table the actions in use on these names alone, and Decrypt with the keys that are
 * known (`?key=`, else `scope.keyArn(name)`), under their contexts alone. Versions cannot be restricted: whoever may read
 * one version of a name may read all.
 */
export function permitReads(targets: readonly CredstashTarget[], scope: Scope): readonly Permission[] {
  const reads = [...grouped(targets, (target) => tableArn(target, scope))].map(([arn, ofTable]) =>
    permitNames(actionsFor(ofTable), arn, ofTable),
  );
  return [...reads, ...permitKeys(["kms:Decrypt"], targets, scope)];
}

/**
 * The statement for some names of a table. The condition on LeadingKeys holds for a request that names no key at all, hence
 * the second. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function permitNames(
  actions: readonly string[],
  tableArn: string,
  targets: readonly Pick<CredstashTarget, "name">[],
): Permission {
  const names = distinct(targets.map(({ name }) => policyLiteral(name)));
  return {
    actions,
    resources: [tableArn],
    conditions: {
      "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": names },
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  };
}

/** The statements for the keys behind these, of each key and context one; a key that nobody knows is left out. */
export function permitKeys(
  actions: readonly string[],
  targets: readonly CredstashTarget[],
  scope: Scope,
): readonly Permission[] {
  const uses = grouped(targets, (target) => {
    const keyArn = target.keyArn ?? scope.keyArn(target.name);
    return keyArn && JSON.stringify([keyArn, target.context]);
  });
  return [...uses.keys()].map((use) => {
    const [keyArn, context] = JSON.parse(use) as [string, EncryptionContext];
    return { actions, resources: [keyArn], ...underContext(context) };
  });
}

/** The conditions that hold a use of a key to a context. */
export function underContext(context: EncryptionContext, more: EncryptionContext = {}): Pick<Permission, "conditions"> {
  const pairs = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, policyLiteral(value)]);
  const all = { ...more, ...(Object.fromEntries(pairs) as EncryptionContext) };
  return Object.keys(all).length > 0 ? { conditions: { StringEquals: all } } : {};
}

/** The ARN of a target's table. */
export const tableArn = ({ table, region }: CredstashTarget, { partition, region: home, accountId }: Scope): string =>
  `arn:${partition}:dynamodb:${region ?? home}:${accountId}:table/${table}`;

function actionsFor(targets: readonly CredstashTarget[]): readonly string[] {
  const pinned = new Set(targets.filter((target) => target.pinned).map(({ id }) => id)).size;
  return [
    // One of several may be asked for alone: in another tick, or when a batch is refused.
    ...(pinned > 0 ? ["dynamodb:GetItem"] : []),
    ...(pinned > 1 ? ["dynamodb:BatchGetItem"] : []),
    ...(targets.some((target) => !target.pinned) ? ["dynamodb:Query"] : []),
  ];
}

/** Groups, in order; what has no group is left out. */
export function grouped<T>(
  all: readonly T[],
  groupOf: (one: T) => string | undefined,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groupOf(one);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return groups;
}

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
