import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, permitted, type Request, secretId } from "./find.ts";
import type { Secret, SecretsManagerState } from "./state.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret: Operation<SecretsManagerState> = (request) =>
  described(
    request,
    permitted(request, readInput(request.input, { SecretId: secretId }).SecretId),
    "VersionIdsToStages",
  );

/** What is told of a secret without its value. Lists call the member of its stages by another name. Times are epoch seconds. */
export function described(
  request: Request,
  secret: Secret,
  stages: "VersionIdsToStages" | "SecretVersionsToStages",
): object {
  const held = secret.versions.filter((version) => version.stages.length > 0);
  const { description, kmsKeyId, rotatedMs, deletedMs, tags } = secret;
  return {
    ARN: arnOf(request, secret),
    Name: secret.name,
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    ...(rotatedMs !== undefined && { LastRotatedDate: rotatedMs / 1000 }),
    LastChangedDate: secret.changedMs / 1000,
    ...(deletedMs !== undefined && { DeletedDate: deletedMs / 1000 }),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    [stages]: Object.fromEntries(held.map((version) => [version.id, version.stages])),
    CreatedDate: secret.createdMs / 1000,
  };
}
