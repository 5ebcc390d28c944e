import { SecretError } from "@serverless-secrets/core";

/** What credstash asks KMS for: one half encrypts, the other signs. */
export const dataKeyBytes = 64;

/** The counter's first block; it is the same for all, as no data key is used twice. */
export const firstCounter: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** The two keys in a data key. */
export interface KeyHalves {
  readonly cipherKey: Uint8Array;
  readonly macKey: Uint8Array;
}

/**
 * Halves a data key.
 * @throws SecretError `ERR_SECRET_INTEGRITY` where it has another length than credstash's: the original halves whatever it gets
 */
export function halve(dataKey: Uint8Array): KeyHalves {
  if (dataKey.length === dataKeyBytes) {
    return { cipherKey: dataKey.subarray(0, dataKeyBytes / 2), macKey: dataKey.subarray(dataKeyBytes / 2) };
  }
  throw new SecretError(
    "ERR_SECRET_INTEGRITY",
    `the item's data key has ${dataKey.length} bytes, not ${dataKeyBytes}: it is none of credstash's. Put the secret again.`,
  );
}
