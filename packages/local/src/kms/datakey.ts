import { randomBytes } from "node:crypto";
import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation, OperationRequest } from "../service.ts";
import { seal } from "./ciphertext.ts";
import { findKey } from "./find.ts";
import type { KmsState } from "./state.ts";
import { dryRun, noRecipient, useKey } from "./use.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export const generateDataKey: Operation<KmsState> = (request) => {
  noRecipient(request.input);
  const { plaintext, ...wrapped } = dataKey(request, "kms:GenerateDataKey");
  return { ...wrapped, Plaintext: plaintext.toString("base64") };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html */
export const generateDataKeyWithoutPlaintext: Operation<KmsState> = (request) => {
  const { plaintext: _, ...wrapped } = dataKey(request, "kms:GenerateDataKeyWithoutPlaintext");
  return wrapped;
};

const bytesOf: Readonly<Record<string, number>> = { AES_128: 16, AES_256: 32 };

function dataKey(
  request: OperationRequest<KmsState>,
  action: string,
): { readonly CiphertextBlob: string; readonly KeyId: string; readonly plaintext: Buffer } {
  const input = readInput(request.input, {
    KeyId: { type: "string", required: true, min: 1, max: 2048 },
    KeySpec: { type: "string", oneOf: ["AES_256", "AES_128"] },
    NumberOfBytes: { type: "integer", min: 1, max: 1024 },
    EncryptionContext: { type: "strings" },
    DryRun: { type: "boolean" },
  });
  const found = findKey(request, input.KeyId);
  const numberOfBytes = input.KeySpec === undefined ? input.NumberOfBytes : bytesOf[input.KeySpec];
  if (numberOfBytes === undefined || (input.KeySpec !== undefined && input.NumberOfBytes !== undefined)) {
    throw awsError("ValidationException", "Please specify either number of bytes or key spec.");
  }
  useKey(request, found, { action, context: input.EncryptionContext });
  if (input.DryRun) throw dryRun();
  const plaintext = randomBytes(numberOfBytes);
  const blob = seal(found.key, plaintext, input.EncryptionContext);
  return { CiphertextBlob: blob.toString("base64"), KeyId: found.arn, plaintext };
}
