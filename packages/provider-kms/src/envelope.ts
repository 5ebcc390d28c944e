import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { SecretError } from "@serverless-secrets/core";
import { byteSorted, type EncryptionContext } from "./context.ts";

// docs/formats.md has this format byte for byte, with test vectors. sealed = 0x01 ‖ salt ‖ commitment ‖ ciphertext ‖ tag
const version = 0x01;
const saltBytes = 32;
const commitmentBytes = 32;
const tagBytes = 16;
/** What a sealed value of nothing weighs. */
export const overheadBytes: number = 1 + saltBytes + commitmentBytes + tagBytes;

/** What a sealed value belongs to, and opens for alone. */
export interface Binding {
  /** The format's name for it, whatever scheme the provider was given. */
  readonly scheme: "kms" | "kmsfile";
  /** As the reference has it. */
  readonly keyArn: string;
  /** The wrapped data key, as the reference has it. */
  readonly wrapped: string;
  /** The user's pairs. */
  readonly context: EncryptionContext;
  readonly name: string | undefined;
  readonly path: string | undefined;
}

/**
 * Seals a value under a data key.
 * @param salt random; given by tests of the format alone, since a value must never share it with another
 * @throws SecretError `ERR_SECRET_INTEGRITY` where the data key is not one of 32 bytes
 */
export function sealEnvelope(
  dataKey: Uint8Array,
  plaintext: Uint8Array,
  binding: Binding,
  salt: Uint8Array = randomBytes(saltBytes),
): Uint8Array {
  checkDataKey(dataKey);
  const { key, nonce, commitment } = derive(dataKey, salt);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(additionalData(binding));
  const ciphertext = [cipher.update(plaintext), cipher.final()];
  return Buffer.concat([Uint8Array.of(version), salt, commitment, ...ciphertext, cipher.getAuthTag()]);
}

/**
 * Opens a sealed value.
 * @throws SecretError `ERR_SECRET_INTEGRITY`: it is damaged, or belongs to another name, key, context or path
 */
export function openEnvelope(dataKey: Uint8Array, sealed: Uint8Array, binding: Binding): Uint8Array {
  checkDataKey(dataKey);
  if (sealed.length < overheadBytes || sealed[0] !== version) throw unverified();
  const salt = sealed.subarray(1, 1 + saltBytes);
  const { key, nonce, commitment } = derive(dataKey, salt);
  const ciphertextStart = 1 + saltBytes + commitmentBytes;
  // First: AES-GCM alone commits to no key, so a forged value could open under several.
  if (!timingSafeEqual(sealed.subarray(1 + saltBytes, ciphertextStart), commitment)) throw unverified();
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(additionalData(binding));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  // No concat: it takes small buffers from a pool, through which other code's buffers give a view on the secret.
  const plaintext = decipher.update(sealed.subarray(ciphertextStart, -tagBytes));
  try {
    decipher.final();
  } catch {
    throw unverified();
  }
  return plaintext;
}

/** @throws SecretError `ERR_SECRET_INTEGRITY` where a data key is not one of 32 bytes: it was made by others, or cut */
export function checkDataKey(dataKey: Uint8Array): void {
  if (dataKey.length === 32) return;
  throw new SecretError("ERR_SECRET_INTEGRITY", "its data key is not one of 32 bytes. Seal the secret again.");
}

// A key and a nonce of its own for each salt: the data key itself encrypts nothing.
function derive(dataKey: Uint8Array, salt: Uint8Array): Record<"key" | "nonce" | "commitment", Buffer> {
  const derived = Buffer.from(hkdfSync("sha256", dataKey, salt, "serverless-secrets/1", 32 + 12 + commitmentBytes));
  return { key: derived.subarray(0, 32), nonce: derived.subarray(32, 44), commitment: derived.subarray(44) };
}

/** Every field with its length, so that no two bindings make the same bytes. */
function additionalData({ scheme, keyArn, wrapped, context, name = "", path = "" }: Binding): Buffer {
  const pairs = byteSorted(Object.entries(context));
  const fields = ["1", scheme, keyArn, wrapped, String(pairs.length), ...pairs.flat(), name, path];
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

const unverified = (): SecretError =>
  new SecretError(
    "ERR_SECRET_INTEGRITY",
    "the sealed value does not verify: it is damaged, or belongs to another name, key, context or path. Restore it as it was sealed, or seal it again.",
  );
