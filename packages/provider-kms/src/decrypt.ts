import { type AwsClients, type AwsRequest, base64Bytes } from "@serverless-secrets/aws-client";
import { type Call, SecretError } from "@serverless-secrets/core";
import type { EncryptionContext } from "./context.ts";
import { isSameKey, type KmsKey } from "./key.ts";

/** What KMS is to open. */
export interface Wrapped {
  readonly key: KmsKey;
  readonly context: EncryptionContext;
  /** As base64. */
  readonly ciphertext: string;
}

/**
 * Opens a ciphertext by KMS. `KeyId` is always passed, and the key that KMS says it used compared.
 * @throws SecretError `ERR_SECRET_INTEGRITY` for another key; else what KMS refuses
 */
export async function decrypt(
  send: AwsClients,
  { key, context, ciphertext }: Wrapped,
  call: Call,
): Promise<Uint8Array> {
  const input = { KeyId: key.arn, CiphertextBlob: ciphertext, ...contextInput(context) };
  const { KeyId, Plaintext } = await send(kmsRequest(key, "Decrypt", input), call);
  checkKey(key, KeyId);
  return bytesOf(Plaintext);
}

/** A request of KMS, where its key is. */
export const kmsRequest = (key: KmsKey, operation: string, input: object): AwsRequest => ({
  service: "kms",
  operation,
  region: key.region,
  input,
  resource: key.arn,
});

/** An empty context is left out, as the AWS CLI and SDKs do. */
export const contextInput = (context: EncryptionContext): object =>
  Object.keys(context).length === 0 ? {} : { EncryptionContext: context };

/** @throws SecretError `ERR_SECRET_INTEGRITY` where KMS used another key than the reference names */
export function checkKey(key: KmsKey, usedArn: unknown): void {
  if (isSameKey(key, usedArn)) return;
  throw new SecretError(
    "ERR_SECRET_INTEGRITY",
    "KMS answered with another key than the reference names. Correct the key's ARN.",
  );
}

/** @throws SecretError `ERR_SECRET_UNAVAILABLE` where KMS gave no such member */
export function bytesOf(base64: unknown): Uint8Array {
  const bytes = base64Bytes(base64);
  if (bytes !== undefined) return bytes;
  throw new SecretError("ERR_SECRET_UNAVAILABLE", "KMS answered without a value.");
}
