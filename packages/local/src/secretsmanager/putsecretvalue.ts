import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { addVersion, token } from "./addversion.ts";
import { arnOf, notDeleted, permitted, secretId } from "./find.ts";
import type { SecretsManagerState } from "./state.ts";
import { readValue, valueShape } from "./value.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const putSecretValue: Operation<SecretsManagerState> = (request) => {
  const input = readInput(request.input, {
    SecretId: secretId,
    ClientRequestToken: token,
    VersionStages: { type: "list", min: 1, max: 20, maxItem: 256 },
    ...valueShape,
  });
  const value = readValue(input);
  const secret = notDeleted(permitted(request, input.SecretId));
  if (value === undefined) {
    throw awsError("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
  }
  const stages = input.VersionStages ?? ["AWSCURRENT"];
  const version = addVersion(request, secret, value, input.ClientRequestToken, stages);
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name, VersionId: version.id, VersionStages: version.stages };
};
