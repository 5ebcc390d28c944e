import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { keyArn } from "./arn.ts";
import { findById } from "./find.ts";
import { metadata } from "./metadata.ts";
import type { Key, KmsState } from "./state.ts";
import { readTags } from "./tags.ts";
import { notPendingDeletion } from "./use.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html */
export const replicateKey: Operation<KmsState> = (request) => {
  const input = readInput(request.input, {
    KeyId: { type: "string", required: true, min: 1, max: 256 },
    ReplicaRegion: { type: "string", required: true, min: 1, max: 32, pattern: "([a-z]+-){2,3}\\d+" },
    Description: { type: "string", max: 8192 },
    Tags: { type: "structures" },
  });
  const primary = findById(request, input.KeyId);
  const tags = readTags(input.Tags);
  const { accountId, state } = request;
  const region = input.ReplicaRegion;
  request.authorize("kms:ReplicateKey", primary.arn, { "kms:ReplicaRegion": region });
  request.authorize("kms:CreateKey", "*");
  if (primary.key.primaryRegion !== request.region) {
    throw awsError("UnsupportedOperationException", `${primary.arn} is not a multi-Region primary key.`);
  }
  notPendingDeletion(primary);
  if (state.keys.some((key) => key.id === primary.key.id && key.region === region)) {
    throw awsError("AlreadyExistsException", `${keyArn({ region, accountId }, primary.key.id)} already exists.`);
  }
  const { id, material, primaryRegion } = primary.key;
  const made = { description: input.Description ?? "", createdMs: request.nowMs, enabled: true, tags };
  const replica: Key = { id, region, material, primaryRegion, ...made };
  state.keys.push(replica);
  request.save();
  const ReplicaTags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  return { ReplicaKeyMetadata: metadata(replica, state, accountId), ReplicaTags };
};
