import type { Permission } from "@serverless-secrets/core";
import { regionPartition } from "./partition.ts";
import type { Service } from "./service.ts";

/**
 * A text as a policy means it literally: `$`, `*` and `?` would be a variable or a wildcard.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function policyLiteral(text: string): string {
  return text.replace(/[$*?]/g, (character) => `\${${character}}`);
}

/** A store that encrypts its entries with KMS keys. */
export interface Store {
  readonly service: Service;
  /** The pair of the encryption context under which it does, e.g. `PARAMETER_ARN`: its value is the entry's ARN. */
  readonly contextName: string;
}

/** An entry of a store, and the customer's key behind it. */
export interface KeyUse {
  readonly keyArn: string;
  /** Where the store is, and so the key. */
  readonly region: string;
  /** `?` in it may stand for a character that is not known. */
  readonly entryArn: string;
}

/**
 * The statements that let a store use customers' keys for the caller, on these entries, and the caller do nothing else with
 * them: one for each key and region. With an AWS-managed key of the same account none is needed.
 * @param actions e.g. `kms:Decrypt`
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function permitVia(
  actions: readonly string[],
  { service, contextName }: Store,
  uses: readonly KeyUse[],
): readonly Permission[] {
  const byKey = new Map<string, KeyUse & { readonly entryArns: Set<string> }>();
  for (const use of uses) {
    const id = JSON.stringify([use.keyArn, use.region]);
    const known = byKey.get(id) ?? { ...use, entryArns: new Set() };
    byKey.set(id, known);
    known.entryArns.add(use.entryArn);
  }
  return [...byKey.values()].map(({ keyArn, region, entryArns }) => {
    const context = { [`kms:EncryptionContext:${contextName}`]: only([...entryArns].sort()) };
    const via = { "kms:ViaService": only(hostsOf(service, region)) };
    const isPattern = [...entryArns].some((arn) => arn.includes("?"));
    const conditions = isPattern
      ? { StringEquals: via, StringLike: context }
      : { StringEquals: { ...via, ...context } };
    return { actions, resources: [keyArn], conditions };
  });
}

function hostsOf(service: Service, region: string): readonly string[] {
  const host = `${service}.${region}.amazonaws.com`;
  // Which of the two KMS compares with in China is unproven; neither can be anybody else's.
  return regionPartition(region) === "aws-cn" ? [host, `${host}.cn`] : [host];
}

const only = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] as string) : values;
