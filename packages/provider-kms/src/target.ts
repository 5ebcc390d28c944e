import { type Reference, SecretError, type Target } from "@serverless-secrets/core";
import { type EncryptionContext, readContext } from "./context.ts";
import { type KmsKey, parseKey } from "./key.ts";

/** A raw KMS ciphertext to be decrypted. */
export interface KmsTarget extends Target {
  readonly key: KmsKey;
  readonly context: EncryptionContext;
  /** As base64. */
  readonly ciphertext: string;
}

/** KMS decrypts at most so much ([Decrypt](https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html)). */
const maxCiphertextBytes = 6_144;

/**
 * Reads a `kms::` reference.
 * @param defaultRegion where multi-Region keys are called if the reference does not say
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseTarget(reference: Reference, defaultRegion?: string): KmsTarget {
  const { context, region } = readContext(reference);
  const key = parseKey(reference.ref, region ?? regionOfReplica(reference.ref, defaultRegion));
  const ciphertext = checkCiphertext(reference.payload);
  // As JSON: no choice of characters in one part can look like another part.
  const id = JSON.stringify([key.arn, Object.entries(context), ciphertext]);
  return { id, pinned: true, key, context, ciphertext };
}

// A provider's own region is for the keys that have replicas; the others stay where they are.
const regionOfReplica = (arn: string, region: string | undefined): string | undefined =>
  arn.includes(":key/mrk-") ? region : undefined;

function checkCiphertext(payload: string | undefined): string {
  if (payload === undefined) {
    throw refused(
      'it has no ciphertext. Expected kms::<key arn>::<base64 ciphertext>; encrypt one with "aws kms encrypt"',
    );
  }
  const bytes = Buffer.from(payload, "base64");
  // Node decodes leniently: only what encodes back to the same text was base64, and whole.
  if (bytes.toString("base64") !== payload) {
    throw refused(
      'its ciphertext is not base64, as "aws kms encrypt" prints it. Copy it whole, with any "=" at its end',
    );
  }
  if (bytes.length > maxCiphertextBytes)
    throw refused(`its ciphertext is over the ${maxCiphertextBytes} bytes that KMS takes`);
  return payload;
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the kms reference cannot be used: ${why}.`);
