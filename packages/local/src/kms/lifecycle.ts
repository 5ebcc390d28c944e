import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation, OperationRequest } from "../service.ts";
import { type Found, findById, findKey } from "./find.ts";
import { notManaged } from "./managed.ts";
import { metadata } from "./metadata.ts";
import type { KmsState } from "./state.ts";
import { notPendingDeletion } from "./use.ts";

const dayMs = 24 * 60 * 60 * 1000;
const keyId = { type: "string", required: true, min: 1, max: 2048 } as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey: Operation<KmsState> = (request) => {
  const found = findKey(request, readInput(request.input, { KeyId: keyId }).KeyId);
  const alias = found.alias === undefined ? {} : { "kms:RequestAlias": found.alias };
  request.authorize("kms:DescribeKey", found.arn, alias);
  return { KeyMetadata: metadata(found.key, request.state, request.accountId) };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html */
export const enableKey: Operation<KmsState> = (request) => {
  setEnabled(request, "kms:EnableKey", true);
  return undefined;
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html */
export const disableKey: Operation<KmsState> = (request) => {
  setEnabled(request, "kms:DisableKey", false);
  return undefined;
};

/** After 7 to 30 days (default 30). https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const scheduleKeyDeletion: Operation<KmsState> = (request) => {
  const days = { type: "integer", min: 7, max: 30 } as const;
  const input = readInput(request.input, { KeyId: keyId, PendingWindowInDays: days });
  const found = permitted(request, "kms:ScheduleKeyDeletion", input.KeyId);
  notPendingDeletion(found);
  const PendingWindowInDays = input.PendingWindowInDays ?? 30;
  const deletionMs = request.nowMs + PendingWindowInDays * dayMs;
  found.key.deletionMs = deletionMs;
  request.save();
  return { KeyId: found.arn, DeletionDate: deletionMs / 1000, KeyState: "PendingDeletion", PendingWindowInDays };
};

/** Leaves the key disabled. https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html */
export const cancelKeyDeletion: Operation<KmsState> = (request) => {
  const found = permitted(request, "kms:CancelKeyDeletion", readInput(request.input, { KeyId: keyId }).KeyId);
  if (found.key.deletionMs === undefined) {
    throw awsError("KMSInvalidStateException", `${found.arn} is not pending deletion.`);
  }
  delete found.key.deletionMs;
  found.key.enabled = false;
  request.save();
  return { KeyId: found.arn };
};

function setEnabled(request: OperationRequest<KmsState>, action: string, enabled: boolean): void {
  const found = permitted(request, action, readInput(request.input, { KeyId: keyId }).KeyId);
  notPendingDeletion(found);
  found.key.enabled = enabled;
  request.save();
}

function permitted(request: OperationRequest<KmsState>, action: string, name: string): Found {
  const found = findById(request, name);
  notManaged(request, found, action);
  request.authorize(action, found.arn);
  return found;
}
