import { createDecipheriv, timingSafeEqual } from "node:crypto";
import { SecretError } from "@serverless-secrets/core";
import { macOf } from "./digest.ts";
import type { Sealed } from "./item.ts";
import { firstCounter, halve } from "./key.ts";

/**
 * Opens an item: checks the HMAC over its ciphertext in constant time, and only then decrypts.
 * @param dataKey as KMS unwrapped it
 * @throws SecretError `ERR_SECRET_INTEGRITY`
 */
export function open({ ciphertext, mac, digest }: Omit<Sealed, "wrappedKey">, dataKey: Uint8Array): Uint8Array {
  const { cipherKey, macKey } = halve(dataKey);
  const expected = macOf(digest, macKey, ciphertext);
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
    throw new SecretError(
      "ERR_SECRET_INTEGRITY",
      "the item's HMAC does not verify: it was changed after it was put. Find out by whom, then put the secret again.",
    );
  }
  // No concat: it takes small buffers from a pool, through which other code's buffers give a view on the secret. Nothing is
  // left for a last block: CTR has none.
  return createDecipheriv("aes-256-ctr", cipherKey, firstCounter).update(ciphertext);
}
