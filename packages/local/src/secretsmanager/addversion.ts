import { awsError } from "../error.ts";
import { arnOf, type Request } from "./find.ts";
import { limitExceeded, maxStages, moveStage } from "./stages.ts";
import type { Secret, Version } from "./state.ts";
import { open, seal, type Value } from "./value.ts";

/** What names a new version, and keeps a repeated request from making two. */
export const token = { type: "string", min: 32, max: 64 } as const;

const maxVersions = 100;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Adds a version to a secret, or gives the one that an equal request has added.
 *
 * @throws AwsError `ResourceExistsException` where the token stands for another value, `InvalidRequestException` without a token.
 */
export function addVersion(
  request: Request,
  secret: Secret,
  value: Value,
  id: string | undefined,
  stages: readonly string[],
): Version {
  if (id === undefined) {
    const message = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
    throw awsError("InvalidRequestException", message);
  }
  const there = secret.versions.find((version) => version.id === id);
  if (there !== undefined) return same(request, secret, there, value);
  const room = makeRoom(secret.versions, request.nowMs);
  // The first version is current, whatever was asked for.
  const labels = new Set(room.length === 0 ? [...stages, "AWSCURRENT"] : stages);
  if (labels.size > maxStages) throw limitExceeded();
  const version: Version = {
    id,
    createdMs: request.nowMs,
    kind: value.kind,
    value: seal(request, secret, id, value.bytes),
    ...(secret.kmsKeyId === undefined ? {} : { kmsKeyId: secret.kmsKeyId }),
    stages: [],
  };
  secret.versions = [...room, version];
  for (const stage of labels) moveStage(secret.versions, stage, version);
  secret.changedMs = request.nowMs;
  return version;
}

function same(request: Request, secret: Secret, version: Version, value: Value): Version {
  if (version.kind === value.kind && open(request, secret, version).equals(value.bytes)) return version;
  const why = `because that value is already in use for a version of secret ${arnOf(request, secret)}.`;
  throw awsError("ResourceExistsException", `You can't use ClientRequestToken ${version.id} ${why}`);
}

/** Of 100 versions the oldest without a stage goes; but none of the last 24 hours, so that the quota can be reached. */
function makeRoom(versions: readonly Version[], nowMs: number): readonly Version[] {
  if (versions.length < maxVersions) return versions;
  const oldest = versions.find(({ stages, createdMs }) => stages.length === 0 && createdMs < nowMs - dayMs);
  if (oldest === undefined) throw limitExceeded();
  return versions.filter((version) => version !== oldest);
}
