import { awsError } from "../error.ts";
import type { Version } from "./state.ts";

/** A secret's versions, each with its stages (staging labels). One stage is on one version at most. */
type Versions = readonly Version[];

/** How many stages one version can have. */
export const maxStages = 20;

/** The version that holds a stage. */
export function holderOf(versions: Versions, stage: string): Version | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

/**
 * Puts a stage on a version and takes it off any other. Where AWSCURRENT moves, AWSPREVIOUS moves to the version it came from.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
 *
 * @throws AwsError `LimitExceededException` over 20 stages on one version.
 */
export function moveStage(versions: Versions, stage: string, to: Version): void {
  const from = holderOf(versions, stage);
  if (from === to) return;
  if (to.stages.length >= maxStages) throw limitExceeded();
  dropStage(versions, stage);
  to.stages.push(stage);
  if (stage !== "AWSCURRENT" || from === undefined) return;
  dropStage(versions, "AWSPREVIOUS");
  from.stages.push("AWSPREVIOUS");
}

/** Takes a stage off whatever version has it. */
export function dropStage(versions: Versions, stage: string): void {
  for (const version of versions) version.stages = version.stages.filter((each) => each !== stage);
}

/** @throws nothing; makes AWS's error for a quota. */
export function limitExceeded(): Error {
  const message = "The request failed because it would exceed one of the Secrets Manager quotas.";
  return awsError("LimitExceededException", message);
}
