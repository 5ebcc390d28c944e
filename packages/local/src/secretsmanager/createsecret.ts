import { randomInt } from "node:crypto";
import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { addVersion, token } from "./addversion.ts";
import { arnOf, invalidName, type Request } from "./find.ts";
import type { Secret, SecretsManagerState } from "./state.ts";
import { readTags } from "./tags.ts";
import { readValue, tryKey, type Value, valueShape } from "./value.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const createSecret: Operation<SecretsManagerState> = (request) => {
  const input = readInput(request.input, {
    Name: { type: "string", required: true, min: 1, max: 512 },
    ClientRequestToken: token,
    Description: { type: "string", max: 2048 },
    KmsKeyId: { type: "string", max: 2048 },
    Tags: { type: "structures" },
    ...valueShape,
  });
  if (!/^[A-Za-z0-9/_+=.@-]+$/.test(input.Name)) throw invalidName();
  const value = readValue(input);
  const secret: Secret = {
    name: input.Name,
    region: request.region,
    suffix: suffix(),
    createdMs: request.nowMs,
    changedMs: request.nowMs,
    ...(input.Description ? { description: input.Description } : {}),
    ...(input.KmsKeyId ? { kmsKeyId: input.KmsKeyId } : {}),
    tags: readTags(input.Tags),
    versions: [],
  };
  authorize(request, secret);
  const there = request.state.secrets.find(({ name, region }) => name === secret.name && region === secret.region);
  if (there !== undefined) return repeated(request, there, value, input.ClientRequestToken);
  tryKey(request, secret);
  const version = value && addVersion(request, secret, value, input.ClientRequestToken, ["AWSCURRENT"]);
  request.state.secrets.push(secret);
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name, ...(version && { VersionId: version.id }) };
};

/** The same request again is answered as the first was; any other is refused. */
function repeated(request: Request, there: Secret, value: Value | undefined, id: string | undefined): object {
  if (there.deletedMs !== undefined) {
    const message = "You can't create this secret because a secret with this name is already scheduled for deletion.";
    throw awsError("InvalidRequestException", message);
  }
  if (value === undefined || !there.versions.some((version) => version.id === id)) {
    const message = `The operation failed because the secret ${there.name} already exists.`;
    throw awsError("ResourceExistsException", message);
  }
  const version = addVersion(request, there, value, id, []);
  return { ARN: arnOf(request, there), Name: there.name, VersionId: version.id };
}

function authorize(request: Request, secret: Secret): void {
  const arn = arnOf(request, secret);
  const names = Object.keys(secret.tags);
  const tags = Object.fromEntries(names.map((name) => [`aws:RequestTag/${name}`, secret.tags[name] ?? ""]));
  const tagged = names.length === 0 ? {} : { ...tags, "aws:TagKeys": names };
  const key = secret.kmsKeyId === undefined ? {} : { "secretsmanager:KmsKeyId": secret.kmsKeyId };
  request.authorize("secretsmanager:CreateSecret", arn, { "secretsmanager:Name": secret.name, ...key, ...tagged });
  if (names.length > 0) request.authorize("secretsmanager:TagResource", arn, tagged);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function suffix(): string {
  return Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
