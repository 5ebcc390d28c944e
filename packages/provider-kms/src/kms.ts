import { type AwsClients, type CredentialSource, direct } from "@serverless-secrets/aws-client";
import { type Provider, SecretError } from "@serverless-secrets/core";
import { isSameKey } from "./key.ts";
import { permitUses } from "./permissions.ts";
import { type KmsTarget, parseTarget } from "./target.ts";

/** Options of `kms` and `kmsSealer`. */
export interface KmsOptions {
  /** Default `kms`. A second provider, for another account's credentials, needs a scheme of its own, e.g. `kms-eu`. */
  readonly scheme?: string;
  /** Where multi-Region keys (`mrk-…`) are called, e.g. `eu-west-1`; other keys are called where they are. */
  readonly region?: string;
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /** Sends the requests, instead of `direct({ credentials })`. */
  readonly clients?: AwsClients;
}

/**
 * The provider of `kms::<key arn>::<base64 ciphertext>[?context.NAME=VALUE][&name=NAME]`: what `aws kms encrypt` printed,
 * decrypted by the KMS of the key's region. `KeyId` is always passed and the answer's key compared.
 */
export function kms(options: KmsOptions = {}): Provider<KmsTarget> {
  const send = options.clients ?? direct(options.credentials === undefined ? {} : { credentials: options.credentials });
  return {
    scheme: options.scheme ?? "kms",
    parse: (reference) => parseTarget(reference, options.region),
    async fetch({ key, context, ciphertext }, call) {
      const input = {
        KeyId: key.arn,
        CiphertextBlob: ciphertext,
        ...(hasPairs(context) && { EncryptionContext: context }),
      };
      const request = { service: "kms", operation: "Decrypt", region: key.region, input, resource: key.arn } as const;
      const { KeyId, Plaintext } = await send(request, call);
      if (!isSameKey(key, KeyId)) throw otherKey();
      return bytesOf(Plaintext);
    },
    permissions: (targets) => permitUses("kms:Decrypt", targets),
  };
}

/** Whether a context has a pair: an empty one is left out, as the AWS CLI and SDKs do. */
export const hasPairs = (context: object): boolean => Object.keys(context).length > 0;

/** The error of an answer that another key gave. */
export const otherKey = (): SecretError =>
  new SecretError(
    "ERR_SECRET_INTEGRITY",
    "KMS answered with another key than the reference names. Correct the key's ARN.",
  );

function bytesOf(base64: unknown): Uint8Array {
  if (typeof base64 !== "string") throw new SecretError("ERR_SECRET_UNAVAILABLE", "KMS answered without a plaintext.");
  // Not from the pool that small buffers share: there, other code's buffers would give a view on the secret.
  const bytes = Buffer.alloc(Buffer.byteLength(base64, "base64"));
  bytes.write(base64, "base64");
  return bytes;
}
