import { SecretError } from "./error.ts";
import type { SecretValue } from "./provider.ts";

/**
 * The bytes of a secret that is to be sealed; text as UTF-8. Nothing is not sealed: it is a variable that was not set.
 * @param limit for the error: who takes how much, such as "KMS encrypts 1 to 4096"
 * @throws SecretError `ERR_SECRET_VALUE`, with the size
 */
export function bytesToSeal(
  plaintext: SecretValue,
  limit: string,
  maxBytes: number = Number.POSITIVE_INFINITY,
): Uint8Array {
  if (typeof plaintext === "string" && !plaintext.isWellFormed()) {
    throw refused("the secret is no well-formed Unicode, and would not come back as it is. Seal it as bytes");
  }
  if (typeof plaintext !== "string" && !ArrayBuffer.isView(plaintext))
    throw refused("the secret is neither text nor bytes");
  const bytes = Buffer.from(plaintext as string);
  if (bytes.length > 0 && bytes.length <= maxBytes) return bytes;
  throw refused(`the secret has ${bytes.length} bytes; ${limit}`);
}

const refused = (why: string): SecretError => new SecretError("ERR_SECRET_VALUE", `${why}.`);
