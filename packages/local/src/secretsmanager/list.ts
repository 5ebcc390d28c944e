import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import { pageOf } from "../page.ts";
import type { Operation } from "../service.ts";
import { described } from "./describesecret.ts";
import { arnOf, permitted, secretId } from "./find.ts";
import type { SecretsManagerState } from "./state.ts";

/** Where a list goes on. */
export const nextToken = { type: "string", min: 1, max: 4096 } as const;

/** AWS's error for a token that is none. */
export const invalidToken = (): Error => awsError("InvalidNextTokenException", "The NextToken value is invalid.");

const limit = { type: "integer", min: 1, max: 100 } as const;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets: Operation<SecretsManagerState> = (request) => {
  noFilters(request.input);
  const all = { type: "boolean" } as const;
  const input = readInput(request.input, { MaxResults: limit, NextToken: nextToken, IncludePlannedDeletion: all });
  request.authorize("secretsmanager:ListSecrets", "*");
  const listed = request.state.secrets
    .filter(({ region }) => region === request.region)
    .filter(({ deletedMs }) => deletedMs === undefined || input.IncludePlannedDeletion)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, next } = pageOf(listed, ({ name }) => name, input.MaxResults ?? 100, input.NextToken, invalidToken);
  const SecretList = page.map((secret) => described(request, secret, "SecretVersionsToStages"));
  return { SecretList, ...(next !== undefined && { NextToken: next }) };
};

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html */
export const listSecretVersionIds: Operation<SecretsManagerState> = (request) => {
  const input = readInput(request.input, {
    SecretId: secretId,
    MaxResults: limit,
    NextToken: nextToken,
    IncludeDeprecated: { type: "boolean" },
  });
  const secret = permitted(request, input.SecretId);
  const listed = secret.versions
    .filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { page, next } = pageOf(listed, ({ id }) => id, input.MaxResults ?? 100, input.NextToken, invalidToken);
  const Versions = page.map((version) => ({
    VersionId: version.id,
    VersionStages: version.stages,
    CreatedDate: version.createdMs / 1000,
    KmsKeyIds: [version.kmsKeyId ?? "DefaultEncryptionKey"],
  }));
  return { ARN: arnOf(request, secret), Name: secret.name, Versions, ...(next !== undefined && { NextToken: next }) };
};

/** Better refused than ignored: a list that is not filtered would pass for one that is. */
export function noFilters(input: Readonly<Record<string, unknown>>): void {
  if (input["Filters"]) throw awsError("UnsupportedOperationException", "Local AWS knows no Filters.");
}
