import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { open, seal } from "./ciphertext.ts";
import { findKey } from "./find.ts";
import { sourceKey } from "./source.ts";
import type { KmsState } from "./state.ts";
import { algorithms, dryRun, useKey } from "./use.ts";

/**
 * Two permissions, each on its key and with its context: `kms:ReEncryptFrom` and `kms:ReEncryptTo`.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
 */
export const reEncrypt: Operation<KmsState> = (request) => {
  const input = readInput(request.input, {
    CiphertextBlob: { type: "blob", required: true, min: 1, max: 6144 },
    SourceKeyId: { type: "string", min: 1, max: 2048 },
    SourceEncryptionContext: { type: "strings" },
    SourceEncryptionAlgorithm: { type: "string", oneOf: algorithms },
    DestinationKeyId: { type: "string", required: true, min: 1, max: 2048 },
    DestinationEncryptionContext: { type: "strings" },
    DestinationEncryptionAlgorithm: { type: "string", oneOf: algorithms },
    DryRun: { type: "boolean" },
  });
  const to = findKey(request, input.DestinationKeyId);
  const from = sourceKey(request, input.CiphertextBlob, input.SourceKeyId);
  const before = input.SourceEncryptionContext;
  const after = input.DestinationEncryptionContext;
  useKey(request, from, { action: "kms:ReEncryptFrom", context: before, algorithm: input.SourceEncryptionAlgorithm });
  useKey(request, to, { action: "kms:ReEncryptTo", context: after, algorithm: input.DestinationEncryptionAlgorithm });
  const plaintext = open(from.key, input.CiphertextBlob, before);
  if (input.DryRun) throw dryRun();
  return {
    CiphertextBlob: seal(to.key, plaintext, after).toString("base64"),
    SourceKeyId: from.arn,
    KeyId: to.arn,
    SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
  };
};
