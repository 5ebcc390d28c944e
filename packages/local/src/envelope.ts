import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { kms } from "./kms/service.ts";
import type { OperationRequest } from "./service.ts";

/** A value under a data key of its own: how Secrets Manager and SSM's advanced parameters are stored. */
export interface Envelope {
  /** The data key, wrapped by KMS. Base64. */
  readonly wrapped: string;
  /** nonce(12) ‖ ciphertext ‖ tag(16), AES-256-GCM. Base64. */
  readonly sealed: string;
}

type Request = Pick<OperationRequest<unknown>, "call">;
type Context = Readonly<Record<string, string>>;

const nonceBytes = 12;
const tagBytes = 16;

/** Seals a value of any length. The caller needs `kms:GenerateDataKey`. @throws AwsError KMS's. */
export function sealEnvelope(request: Request, keyId: string, context: Context, value: Uint8Array): Envelope {
  const input = { KeyId: keyId, KeySpec: "AES_256", EncryptionContext: context };
  const made = request.call(kms, "GenerateDataKey", input) as { CiphertextBlob: string; Plaintext: string };
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(made.Plaintext, "base64"), nonce);
  const sealed = Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  return { wrapped: made.CiphertextBlob, sealed: sealed.toString("base64") };
}

/** Opens it. The caller needs `kms:Decrypt`. @throws AwsError KMS's. */
export function openEnvelope(request: Request, envelope: Envelope, context: Context): Buffer {
  const input = { CiphertextBlob: envelope.wrapped, EncryptionContext: context };
  const { Plaintext } = request.call(kms, "Decrypt", input) as { Plaintext: string };
  const sealed = Buffer.from(envelope.sealed, "base64");
  const key = Buffer.from(Plaintext, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}
