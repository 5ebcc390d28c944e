import { createHmac } from "node:crypto";

// credstash's names, as an item's `digest` attribute has them, and Node's.
const algorithms = {
  SHA: "sha1",
  SHA224: "sha224",
  SHA256: "sha256",
  SHA384: "sha384",
  SHA512: "sha512",
  MD5: "md5",
} as const;

/** The hash of an item's HMAC, by credstash's name of it. */
export type CredstashDigest = keyof typeof algorithms;

/** Whether credstash knows a digest of that name. */
export const isDigest = (name: unknown): name is CredstashDigest =>
  typeof name === "string" && Object.hasOwn(algorithms, name);

/** All of them. */
export const digests: readonly CredstashDigest[] = Object.keys(algorithms) as CredstashDigest[];

/** The HMAC of a ciphertext. */
export const macOf = (digest: CredstashDigest, key: Uint8Array, ciphertext: Uint8Array): Buffer =>
  createHmac(algorithms[digest], key).update(ciphertext).digest();
