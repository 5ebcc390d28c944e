import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { open } from "./ciphertext.ts";
import { sourceKey } from "./source.ts";
import type { KmsState } from "./state.ts";
import { algorithms, dryRun, noRecipient, useKey } from "./use.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const decrypt: Operation<KmsState> = (request) => {
  const input = readInput(request.input, {
    CiphertextBlob: { type: "blob", required: true, min: 1, max: 6144 },
    KeyId: { type: "string", min: 1, max: 2048 },
    EncryptionContext: { type: "strings" },
    EncryptionAlgorithm: { type: "string", oneOf: algorithms },
    DryRun: { type: "boolean" },
  });
  noRecipient(request.input);
  const found = sourceKey(request, input.CiphertextBlob, input.KeyId);
  const context = input.EncryptionContext;
  useKey(request, found, { action: "kms:Decrypt", context, algorithm: input.EncryptionAlgorithm });
  const plaintext = open(found.key, input.CiphertextBlob, context);
  if (input.DryRun) throw dryRun();
  return { Plaintext: plaintext.toString("base64"), KeyId: found.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
};
