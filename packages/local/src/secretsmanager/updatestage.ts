import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, notDeleted, permitted, secretId } from "./find.ts";
import { dropStage, holderOf, moveStage } from "./stages.ts";
import type { Secret, SecretsManagerState, Version } from "./state.ts";
import { noVersion } from "./versions.ts";

/**
 * Moves a stage, puts one on, or takes one off: the last step of a rotation.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export const updateSecretVersionStage: Operation<SecretsManagerState> = (request) => {
  const versionId = { type: "string", min: 32, max: 64 } as const;
  const input = readInput(request.input, {
    SecretId: secretId,
    VersionStage: { type: "string", required: true, min: 1, max: 256 },
    RemoveFromVersionId: versionId,
    MoveToVersionId: versionId,
  });
  const { VersionStage: stage, RemoveFromVersionId: fromId, MoveToVersionId: toId } = input;
  const keys = { "secretsmanager:VersionStage": stage };
  const secret = notDeleted(permitted(request, input.SecretId, keys));
  if (fromId === undefined && toId === undefined) {
    throw invalid("You must provide either MoveToVersionId or RemoveFromVersionId.");
  }
  const from = fromId === undefined ? undefined : version(secret, fromId);
  const to = toId === undefined ? undefined : version(secret, toId);
  const holder = holderOf(secret.versions, stage);
  if (from !== undefined && from !== holder) {
    throw invalid(`Staging label ${stage} isn't attached to version ${from.id}.`);
  }
  if (to === undefined) remove(secret, stage);
  else {
    if (holder !== undefined && holder !== to && from === undefined) throw mustName(stage, holder);
    moveStage(secret.versions, stage, to);
    if (stage === "AWSCURRENT" && to.stages.includes("AWSPENDING")) secret.rotatedMs = request.nowMs;
  }
  secret.changedMs = request.nowMs;
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name };
};

function remove(secret: Secret, stage: string): void {
  if (stage === "AWSCURRENT") {
    const what = "You can only move staging label AWSCURRENT to a different secret version.";
    throw invalid(`${what} It can’t be completely removed.`);
  }
  dropStage(secret.versions, stage);
}

function version(secret: Secret, id: string): Version {
  const found = secret.versions.find((each) => each.id === id);
  if (found === undefined) throw noVersion(`VersionId: ${id}`);
  return found;
}

function mustName(stage: string, { id }: Version): Error {
  const why = `Staging label ${stage} is currently attached to version ${id}, so you must explicitly reference that version`;
  return invalid(`The parameter RemoveFromVersionId can't be empty. ${why} in RemoveFromVersionId.`);
}

const invalid = (message: string): Error => awsError("InvalidParameterException", message);
