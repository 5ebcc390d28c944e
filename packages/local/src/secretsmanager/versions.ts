import { awsError } from "../error.ts";
import { holderOf } from "./stages.ts";
import type { Secret, Version } from "./state.ts";

/**
 * The version that a request asks for: by id, by stage, by both (then they must be of one version), else the current one.
 *
 * @throws AwsError `ResourceNotFoundException`, `InvalidRequestException` where id and stage are of two versions.
 */
export function versionOf(secret: Secret, id: string | undefined, stage: string | undefined): Version {
  if (id === undefined) {
    const label = stage ?? "AWSCURRENT";
    const held = holderOf(secret.versions, label);
    if (held === undefined) throw noVersion(`staging label: ${label}`);
    return held;
  }
  const version = secret.versions.find((each) => each.id === id);
  if (version === undefined) throw noVersion(`VersionId: ${id}`);
  if (stage !== undefined && !version.stages.includes(stage)) {
    const message = "You provided a VersionStage that is not associated to the provided VersionId.";
    throw awsError("InvalidRequestException", message);
  }
  return version;
}

/** @param what `staging label: X` or `VersionId: X` */
export function noVersion(what: string): Error {
  return awsError("ResourceNotFoundException", `Secrets Manager can't find the specified secret value for ${what}`);
}
