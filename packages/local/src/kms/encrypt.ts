import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { seal } from "./ciphertext.ts";
import { findKey } from "./find.ts";
import type { KmsState } from "./state.ts";
import { algorithms, dryRun, useKey } from "./use.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt: Operation<KmsState> = (request) => {
  const input = readInput(request.input, {
    KeyId: { type: "string", required: true, min: 1, max: 2048 },
    Plaintext: { type: "blob", required: true, min: 1, max: 4096 },
    EncryptionContext: { type: "strings" },
    EncryptionAlgorithm: { type: "string", oneOf: algorithms },
    DryRun: { type: "boolean" },
  });
  const found = findKey(request, input.KeyId);
  const context = input.EncryptionContext;
  useKey(request, found, { action: "kms:Encrypt", context, algorithm: input.EncryptionAlgorithm });
  if (input.DryRun) throw dryRun();
  const blob = seal(found.key, input.Plaintext, context);
  return { CiphertextBlob: blob.toString("base64"), KeyId: found.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
};
