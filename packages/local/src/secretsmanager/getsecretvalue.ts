import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, notDeleted, permittedTo, type Request, secretId } from "./find.ts";
import type { SecretsManagerState } from "./state.ts";
import { open } from "./value.ts";
import { versionOf } from "./versions.ts";

/** Which value is asked for. */
export interface Asked {
  readonly SecretId: string;
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue: Operation<SecretsManagerState> = (request) =>
  readSecret(
    request,
    readInput(request.input, {
      SecretId: secretId,
      VersionId: { type: "string", min: 32, max: 64 },
      VersionStage: { type: "string", min: 1, max: 256 },
    }),
  );

/** Reads one value, with the permissions that GetSecretValue asks for: the batch asks for the same. */
export function readSecret(request: Request, input: Asked): object {
  const { SecretId: id, VersionId: versionId, VersionStage: stage } = input;
  const secret = permittedTo(request, "secretsmanager:GetSecretValue", id, {
    ...(versionId === undefined ? {} : { "secretsmanager:VersionId": versionId }),
    ...(stage === undefined ? {} : { "secretsmanager:VersionStage": stage }),
  });
  const version = versionOf(notDeleted(secret), versionId, stage);
  const bytes = open(request, secret, version);
  return {
    ARN: arnOf(request, secret),
    Name: secret.name,
    VersionId: version.id,
    [version.kind]: bytes.toString(version.kind === "SecretString" ? "utf8" : "base64"),
    ...(version.stages.length > 0 && { VersionStages: version.stages }),
    CreatedDate: version.createdMs / 1000,
  };
}
