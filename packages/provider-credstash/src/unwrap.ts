import { type AwsClients, base64Bytes, defaultRegion } from "@serverless-secrets/aws-client";
import { type Call, isSecretError, SecretError } from "@serverless-secrets/core";
import type { CredstashTarget, EncryptionContext } from "./target.ts";

/** What one Decrypt needs: of equal ones the answer is the same. */
export type Wrapped = Pick<CredstashTarget, "region" | "kmsRegion" | "keyArn" | "context"> & {
  /** Base64. */
  readonly wrappedKey: string;
};

/**
 * Has KMS unwrap an item's data key.
 * @throws SecretError as KMS refuses; `ERR_SECRET_INTEGRITY` also where another key answers than `?key=` names
 */
export async function unwrap(send: AwsClients, wrapped: Wrapped, call: Call): Promise<Uint8Array> {
  const { keyArn, context, wrappedKey } = wrapped;
  const region = kmsRegionOf(wrapped);
  const input = {
    ...(keyArn !== undefined && { KeyId: keyArn }),
    CiphertextBlob: wrappedKey,
    ...contextOf(context),
  };
  const resource = keyArn === undefined ? {} : { resource: keyArn };
  const { KeyId, Plaintext } = await send(
    { service: "kms", operation: "Decrypt", region, input, ...resource },
    call,
  ).catch((error: unknown) => {
    throw isUnfit(error) ? unfit(error) : error;
  });
  if (keyArn !== undefined && KeyId !== keyArn) {
    throw new SecretError("ERR_SECRET_INTEGRITY", "KMS answered with another key than ?key= names. Correct it.");
  }
  const dataKey = base64Bytes(Plaintext);
  if (dataKey !== undefined) return dataKey;
  throw new SecretError("ERR_SECRET_UNAVAILABLE", "KMS answered without a plaintext.");
}

/** Where KMS is called. */
export const kmsRegionOf = ({ kmsRegion, region }: Pick<CredstashTarget, "kmsRegion" | "region">): string =>
  kmsRegion ?? region ?? defaultRegion();

/** A context as KMS takes it: an empty one is left out, as the AWS CLI and SDKs do. */
export const contextOf = (context: EncryptionContext): { EncryptionContext?: EncryptionContext } =>
  Object.keys(context).length > 0 ? { EncryptionContext: context } : {};

const isUnfit = (error: unknown): error is SecretError =>
  isSecretError(error) && error.cause?.name === "InvalidCiphertextException";

// The item holds no context, so a wrong one looks to KMS like a damaged key.
const unfit = (error: SecretError): SecretError =>
  new SecretError(
    "ERR_SECRET_INTEGRITY",
    "KMS does not unwrap the item's data key (InvalidCiphertextException). Give the context that it was put with, as ?context.NAME=VALUE; where that is right, the item is damaged.",
    { cause: error.cause },
  );
