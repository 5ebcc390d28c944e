import { type Reference, readOptions, SecretError } from "@serverless-secrets/core";

/** KMS refuses to decrypt under any other; not secret: CloudTrail shows it. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** The pair that keeps envelopes and raw ciphertexts apart: no reference may set it. */
const reservedName = "serverless-secrets";

/**
 * The encryption context of a reference: its `?context.NAME=VALUE`, and its `?name=` as the pair `name`, so that KMS itself
 * notices when two lines of a manifest are swapped.
 * @throws SecretError `ERR_SECRET_REFERENCE` for an unknown option, and for a pair that users may not set
 */
export function readContext(reference: Reference): { context: EncryptionContext; region: string | undefined } {
  const { context: pairs, name, region } = readOptions(reference, ["context.*"]);
  if (pairs.has(reservedName)) throw refused(`the context pair "${reservedName}" is reserved`);
  if (name !== undefined && pairs.has("name")) throw refused('"?name=" is the context pair "name": give one of them');
  const all = new Map(name === undefined ? pairs : [...pairs, ["name", name]]);
  // Sorted, so that the order in which a reference gives them makes no second cache entry.
  return { context: Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1))), region };
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the kms reference cannot be used: ${why}.`);
