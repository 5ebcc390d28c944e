import { direct } from "@serverless-secrets/aws-client";
import { type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { readContext } from "./context.ts";
import { isSameKey, parseKey } from "./key.ts";
import { hasPairs, type KmsOptions, otherKey } from "./kms.ts";
import { permitUses } from "./permissions.ts";

/** KMS encrypts at most so much ([Encrypt](https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html)). */
const maxPlaintextBytes = 4_096;

/**
 * Encrypts secrets of 1 to 4,096 bytes with KMS, as `aws kms encrypt` does: `kms::<key arn>[?context.…][&name=…]` becomes
 * the reference to commit.
 * @throws SecretError from `seal`: `ERR_SECRET_REFERENCE`, `ERR_SECRET_VALUE` for the size, and what KMS refuses
 */
export function kmsSealer(options: KmsOptions = {}): Sealer {
  const send = options.clients ?? direct(options.credentials === undefined ? {} : { credentials: options.credentials });
  const scheme = options.scheme ?? "kms";
  const use = (unsealed: Reference) => {
    const { context, region } = readContext(unsealed);
    return { key: parseKey(unsealed.ref, region), context };
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      if (unsealed.scheme !== scheme || unsealed.payload !== undefined) throw notUnsealed(scheme);
      const { key, context } = use(unsealed);
      const bytes = Buffer.from(plaintext as string);
      if (bytes.length < 1 || bytes.length > maxPlaintextBytes) throw wrongSize(bytes.length);
      const input = {
        KeyId: key.arn,
        Plaintext: bytes.toString("base64"),
        ...(hasPairs(context) && { EncryptionContext: context }),
      };
      const request = { service: "kms", operation: "Encrypt", region: key.region, input, resource: key.arn } as const;
      const { KeyId, CiphertextBlob } = await send(request, call);
      if (!isSameKey(key, KeyId)) throw otherKey();
      if (typeof CiphertextBlob !== "string") {
        throw new SecretError("ERR_SECRET_UNAVAILABLE", "KMS answered without a ciphertext.");
      }
      return { ...unsealed, payload: CiphertextBlob };
    },
    permissions: (unsealed) => permitUses("kms:Encrypt", unsealed.map(use)),
  };
}

const notUnsealed = (scheme: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `what to seal under is ${scheme}::<key arn>, without a ciphertext.`);

const wrongSize = (bytes: number): SecretError =>
  new SecretError("ERR_SECRET_VALUE", `the secret has ${bytes} bytes; KMS encrypts 1 to ${maxPlaintextBytes}.`);
