import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type AwsError, awsError } from "../error.ts";
import { contextBytes, type EncryptionContext } from "./context.ts";
import type { Key } from "./state.ts";

/**
 * What KMS calls a CiphertextBlob. AWS's own format is not public; this one begins as AWS's does (in base64: `AQICAH`) and
 * names its key, so that Decrypt needs no KeyId.
 *
 *     header(5) ‖ multi-Region(1) ‖ key id(16) ‖ nonce(12) ‖ ciphertext ‖ tag(16)
 *
 * AES-256-GCM. The additional data are all that stands before the nonce, and the encryption context.
 */
const header = Buffer.from([0x01, 0x02, 0x02, 0x00, 0x78]);
const nonceAt = 22;
const sealedAt = 34;
const tagBytes = 16;

/** Encrypts under a key's material and a context. */
export function seal(key: Key, plaintext: Uint8Array, context: EncryptionContext | undefined): Buffer {
  const prefix = prefixOf(key.id);
  const nonce = randomBytes(sealedAt - nonceAt);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key.material, "base64"), nonce);
  cipher.setAAD(Buffer.concat([prefix, contextBytes(context)]));
  return Buffer.concat([prefix, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts. @throws AwsError `InvalidCiphertextException` where key, context or any byte is another. */
export function open(key: Key, blob: Buffer, context: EncryptionContext | undefined): Buffer {
  const prefix = prefixOf(key.id);
  const aad = Buffer.concat([prefix, contextBytes(context)]);
  if (blob.length < sealedAt + tagBytes || !blob.subarray(0, nonceAt).equals(prefix)) throw unreadable();
  const decipher = createDecipheriv(
    "aes-256-gcm",
    Buffer.from(key.material, "base64"),
    blob.subarray(nonceAt, sealedAt),
    {
      authTagLength: tagBytes,
    },
  );
  decipher.setAAD(aad);
  decipher.setAuthTag(blob.subarray(-tagBytes));
  const opened = decipher.update(blob.subarray(sealedAt, -tagBytes));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    throw unreadable();
  }
}

/** The key that a blob names. */
export function keyOf(blob: Buffer, keys: readonly Key[]): Key {
  const key = keys.find(({ id }) => blob.length > nonceAt && blob.subarray(0, nonceAt).equals(prefixOf(id)));
  if (key === undefined) throw unreadable();
  return key;
}

function prefixOf(id: string): Buffer {
  const multiRegion = id.startsWith("mrk-");
  const hex = multiRegion ? id.slice(4) : id.replaceAll("-", "");
  return Buffer.concat([header, Buffer.from([multiRegion ? 1 : 0]), Buffer.from(hex, "hex")]);
}

/** Says no more than AWS does: nothing. */
const unreadable = (): AwsError => awsError("InvalidCiphertextException");
