import { randomBytes, randomUUID } from "node:crypto";
import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { metadata } from "./metadata.ts";
import type { Key, KmsState } from "./state.ts";
import { readTags } from "./tags.ts";

/** Symmetric keys alone. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation<KmsState> = (request) => {
  const input = readInput(request.input, {
    Description: { type: "string", max: 8192 },
    KeySpec: { type: "string" },
    CustomerMasterKeySpec: { type: "string" },
    KeyUsage: { type: "string", oneOf: ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"] },
    Origin: { type: "string", oneOf: ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"] },
    MultiRegion: { type: "boolean" },
    Tags: { type: "structures" },
  });
  only("KeySpec", input.KeySpec ?? input.CustomerMasterKeySpec, "SYMMETRIC_DEFAULT");
  only("KeyUsage", input.KeyUsage, "ENCRYPT_DECRYPT");
  only("Origin", input.Origin, "AWS_KMS");
  const tags = readTags(input.Tags);
  request.authorize("kms:CreateKey", "*");
  const key: Key = {
    id: input.MultiRegion ? `mrk-${randomBytes(16).toString("hex")}` : randomUUID(),
    region: request.region,
    material: randomBytes(32).toString("base64"),
    description: input.Description ?? "",
    createdMs: request.nowMs,
    enabled: true,
    tags,
    ...(input.MultiRegion ? { primaryRegion: request.region } : {}),
  };
  request.state.keys.push(key);
  request.save();
  return { KeyMetadata: metadata(key, request.state, request.accountId) };
};

function only(name: string, value: string | undefined, known: string): void {
  if (value === undefined || value === known) return;
  throw awsError("UnsupportedOperationException", `Local AWS knows no ${name} but ${known}.`);
}
