import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { addVersion, token } from "./addversion.ts";
import { arnOf, notDeleted, permitted, type Request, secretId } from "./find.ts";
import type { Secret, SecretsManagerState } from "./state.ts";
import { open, readValue, seal, tryKey, valueShape } from "./value.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html */
export const updateSecret: Operation<SecretsManagerState> = (request) => {
  const input = readInput(request.input, {
    SecretId: secretId,
    ClientRequestToken: token,
    Description: { type: "string", max: 2048 },
    KmsKeyId: { type: "string", max: 2048 },
    ...valueShape,
  });
  const value = readValue(input);
  const key = input.KmsKeyId === undefined ? {} : { "secretsmanager:KmsKeyId": input.KmsKeyId };
  const there = notDeleted(permitted(request, input.SecretId, key));
  // On a copy, taken over as a whole: a key that cannot be used must not leave half of a change.
  const secret: Secret = { ...there, versions: there.versions.map((each) => ({ ...each, stages: [...each.stages] })) };
  if (input.Description !== undefined) secret.description = input.Description;
  if (input.KmsKeyId !== undefined) changeKey(request, secret, input.KmsKeyId);
  const version = value && addVersion(request, secret, value, input.ClientRequestToken, ["AWSCURRENT"]);
  secret.changedMs = request.nowMs;
  request.state.secrets = request.state.secrets.map((each) => (each === there ? secret : each));
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name, ...(version && { VersionId: version.id }) };
};

const encryptedAnew = ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"];

/** An empty text means `aws/secretsmanager`. The versions in use are encrypted anew; others stay as they are. */
function changeKey(request: Request, secret: Secret, kmsKeyId: string): void {
  const inUse = secret.versions.filter(({ stages }) => stages.some((stage) => encryptedAnew.includes(stage)));
  const values = inUse.map((version) => [version, open(request, secret, version)] as const);
  setKey(secret, kmsKeyId);
  tryKey(request, secret);
  for (const [version, bytes] of values) {
    version.value = seal(request, secret, version.id, bytes);
    setKey(version, kmsKeyId);
  }
}

function setKey(target: { kmsKeyId?: string }, kmsKeyId: string): void {
  if (kmsKeyId === "") delete target.kmsKeyId;
  else target.kmsKeyId = kmsKeyId;
}
