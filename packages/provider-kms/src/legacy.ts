import { createDecipheriv } from "node:crypto";
import { checkDataKey } from "./envelope.ts";

/** Where version 2 of the plugin kept its files, below the root. */
export const legacyFolder = "secrets/kmsfile";

/**
 * Opens a file of version 2 of the plugin: AES-256-CTR, the counter starting at 1. Nothing authenticates it: whoever can write
 * the file can change the secret unnoticed, bit by bit.
 * @throws SecretError `ERR_SECRET_INTEGRITY` where the data key is not one of 32 bytes
 */
export function openLegacy(dataKey: Uint8Array, contents: Uint8Array): Uint8Array {
  checkDataKey(dataKey);
  const counter = Buffer.alloc(16);
  counter[15] = 1;
  return createDecipheriv("aes-256-ctr", dataKey, counter).update(contents);
}
