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
  if (name === "") throw refused('its "?name=" is empty, which would bind it to nothing');
  // Half a surrogate pair is the same UTF-8 as another half, so that two contexts would be one.
  if (![...pairs, name].flat().every((text) => text?.isWellFormed() ?? true))
    throw refused("it is no well-formed Unicode");
  return { pairs: sorted(pairs), name, region };
}

/**
 * The context of a raw ciphertext: a bound name is its pair `name`, so that KMS itself notices when two lines of a
 * manifest are swapped.
 * @throws SecretError `ERR_SECRET_REFERENCE` for `?context.name=`: it would be the same to KMS, and bind to no name
 */
export function rawContext({ pairs, name }: ContextOptions): EncryptionContext {
  if (Object.hasOwn(pairs, "name")) throw refused('the context pair "name" is written "?name="');
  return name === undefined ? pairs : sorted([...Object.entries(pairs), ["name", name]]);
}

/**
 * The context of a wrapped data key. The reserved pair keeps it apart: KMS itself refuses to open it as a raw secret, or for
 * another format.
 */
export function dataKeyContext({ pairs }: ContextOptions, format: "envelope/1" | "kmsfile/1"): EncryptionContext {
  return sorted([...Object.entries(pairs), [reservedName, format]]);
}

const sorted = (pairs: Iterable<readonly [string, string]>): EncryptionContext => Object.fromEntries(byteSorted(pairs));

/** Pairs in the order of their names' UTF-8. An object alone does not keep it: names that are whole numbers come first. */
export const byteSorted = (pairs: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] =>
  [...pairs].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the reference cannot be used: ${why}.`);
