import { senderOf } from "@serverless-secrets/aws-client";
import { type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { bytesToSeal } from "@serverless-secrets/core/seal";
import { rawContext, readContext } from "./context.ts";
import { bytesOf, checkKey, contextInput, kmsRequest } from "./decrypt.ts";
import { parseKey } from "./key.ts";
import type { KmsSealerOptions } from "./options.ts";
import { permitUses } from "./permissions.ts";

/** KMS encrypts at most so much ([Encrypt](https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html)). */
const maxPlaintextBytes = 4_096;
const limit = `KMS encrypts 1 to ${maxPlaintextBytes}. envelopeSealer takes any size`;

/**
 * Encrypts secrets of 1 to 4,096 bytes with KMS, as `aws kms encrypt` does: `kms::<key arn>[?context.…][&name=…]` becomes
 * the reference to commit.
 * @throws SecretError from `seal`: `ERR_SECRET_REFERENCE`, `ERR_SECRET_VALUE` for the size, and what KMS refuses
 */
export function kmsSealer(options: KmsSealerOptions = {}): Sealer {
  const send = senderOf(options);
  const scheme = options.scheme ?? "kms";
  const use = (unsealed: Reference) => {
    if (unsealed.scheme !== scheme || unsealed.payload !== undefined) throw notUnsealed(scheme);
    const read = readContext(unsealed);
    return { key: parseKey(unsealed.ref, read.region, options.region), context: rawContext(read) };
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      const { key, context } = use(unsealed);
      const bytes = bytesToSeal(plaintext, limit, maxPlaintextBytes);
      const input = { KeyId: key.arn, Plaintext: Buffer.from(bytes).toString("base64"), ...contextInput(context) };
      const { KeyId, CiphertextBlob } = await send(kmsRequest(key, "Encrypt", input), call);
      checkKey(key, KeyId);
      return { ...unsealed, payload: Buffer.from(bytesOf(CiphertextBlob)).toString("base64") };
    },
    permissions: (unsealed) => permitUses("kms:Encrypt", unsealed.map(use)),
  };
}

/** The error of a reference that says more than where to seal. */
export const notUnsealed = (scheme: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `what to seal under is ${scheme}::<key arn>, without a ciphertext.`);
