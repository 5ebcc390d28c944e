import { type Reference, readOptions, SecretError } from "@serverless-secrets/core";

/** KMS refuses to decrypt under any other; not secret: CloudTrail shows it. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** The pair that keeps envelopes and raw ciphertexts apart: no reference may set it. */
const reservedName = "serverless-secrets";

/** The options of a `kms` or `kmsfile` reference. */
export interface ContextOptions {
  /** `?context.NAME=VALUE`, byte-sorted, so that the order in which a reference gives them makes no second cache entry. */
  readonly pairs: EncryptionContext;
  /** `?name=`. */
  readonly name: string | undefined;
  /** `?region=`. */
  readonly region: string | undefined;
}

/**
 * Reads a reference's options.
 * @throws SecretError `ERR_SECRET_REFERENCE` for an unknown option, and for a pair that users may not set
 */
export function readContext(reference: Reference): ContextOptions {
  const { context: pairs, name, region } = readOptions(reference, ["context.*"]);
  if (pairs.has(reservedName)) throw refused(`the context pair "${reservedName}" is reserved`);
  if (name !== undefined && pairs.has("name")) throw refused('"?name=" is the context pair "name": give one of them');
  return { pairs: sorted(pairs), name, region };
}

/**
 * The context of a raw ciphertext: a bound name is its pair `name`, so that KMS itself notices when two lines of a
 * manifest are swapped.
 */
export function rawContext({ pairs, name }: ContextOptions): EncryptionContext {
  return name === undefined ? pairs : sorted([...Object.entries(pairs), ["name", name]]);
}

/**
 * The context of a wrapped data key. The reserved pair keeps it apart: KMS itself refuses to open it as a raw secret, or for
 * another format.
 */
export function dataKeyContext({ pairs }: ContextOptions, format: "envelope/1" | "kmsfile/1"): EncryptionContext {
  return sorted([...Object.entries(pairs), [reservedName, format]]);
}

const sorted = (pairs: Iterable<readonly [string, string]>): EncryptionContext =>
  Object.fromEntries([...pairs].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the reference cannot be used: ${why}.`);
