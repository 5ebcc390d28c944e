import { type Reference, SecretError, type Target } from "@serverless-secrets/core";
import { decodeStrictly } from "./base64.ts";
import { dataKeyContext, rawContext, readContext } from "./context.ts";
import type { Wrapped } from "./decrypt.ts";
import { type Binding, overheadBytes } from "./envelope.ts";
import { parseKey } from "./key.ts";

/** A ciphertext for KMS to open: a secret itself, or the data key of an envelope. */
export interface KmsTarget extends Target, Wrapped {
  /** What the data key opens; undefined for a raw ciphertext. */
  readonly envelope: { readonly sealed: Uint8Array; readonly binding: Binding } | undefined;
}

/** KMS decrypts at most so much ([Decrypt](https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html)). */
const maxCiphertextBytes = 6_144;

/**
 * Reads a `kms::` reference: a raw ciphertext in base64, or an envelope `<wrapped>.<sealed>` in base64url.
 * @param defaultRegion where multi-Region keys are called if the reference does not say
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseTarget(reference: Reference, defaultRegion?: string): KmsTarget {
  const { ref, payload } = reference;
  const options = readContext(reference);
  const key = parseKey(ref, options.region, defaultRegion);
  if (payload === undefined) {
    throw refused(
      'it has no ciphertext. Expected kms::<key arn>::<base64 ciphertext>; encrypt one with "aws kms encrypt"',
    );
  }
  const [wrapped, sealed] = payload.split(/\.(.*)/s) as [string, string?];
  if (sealed === undefined) {
    const ciphertext = checkCiphertext(wrapped, "base64");
    return pinnedTarget({ key, context: rawContext(options), ciphertext }, undefined);
  }
  const ciphertext = checkCiphertext(wrapped, "base64url");
  const bytes = decodeStrictly(sealed, "base64url");
  if (bytes === undefined || bytes.length < overheadBytes) {
    throw refused('what follows the "." of its envelope is not a whole sealed value. Copy it whole');
  }
  const { pairs, name } = options;
  const binding: Binding = { scheme: "kms", keyArn: ref, wrapped, context: pairs, name, path: undefined };
  const context = dataKeyContext(options, "envelope/1");
  return pinnedTarget({ key, context, ciphertext }, { sealed: bytes, binding });
}

/** What is fetched is what KMS opens: envelopes of one data key share it. */
function pinnedTarget(wrapped: Wrapped, envelope: KmsTarget["envelope"]): KmsTarget {
  return { id: idOf(wrapped), pinned: true, ...wrapped, envelope };
}

/** The cache key of what KMS opens. As JSON: no choice of characters in one part can look like another part. */
export const idOf = ({ key, context, ciphertext }: Wrapped): string =>
  JSON.stringify([key.arn, Object.entries(context), ciphertext]);

/**
 * Checks a ciphertext for KMS.
 * @returns it, as base64
 * @throws SecretError `ERR_SECRET_REFERENCE`
 */
export function checkCiphertext(text: string, encoding: "base64" | "base64url"): string {
  const bytes = decodeStrictly(text, encoding);
  if (bytes === undefined) {
    throw refused(
      encoding === "base64"
        ? 'its ciphertext is not base64, as "aws kms encrypt" prints it. Copy it whole, with any "=" at its end'
        : "its wrapped data key is not base64url. Copy it whole",
    );
  }
  if (bytes.length > maxCiphertextBytes) {
    throw refused(`its ciphertext is over the ${maxCiphertextBytes} bytes that KMS takes`);
  }
  return Buffer.from(bytes).toString("base64");
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the reference cannot be used: ${why}.`);
