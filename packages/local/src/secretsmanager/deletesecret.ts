import { awsError, isAwsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, notDeleted, permitted, type Request, secretId } from "./find.ts";
import type { Secret, SecretsManagerState } from "./state.ts";

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Marks a secret for deletion, after 7 to 30 days (default 30), or deletes it at once.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
 */
export const deleteSecret: Operation<SecretsManagerState> = (request) => {
  const input = readInput(request.input, {
    SecretId: secretId,
    RecoveryWindowInDays: { type: "integer", min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
    ForceDeleteWithoutRecovery: { type: "boolean" },
  });
  const { RecoveryWindowInDays: days = 30, ForceDeleteWithoutRecovery: force = false } = input;
  const how = force ? { "secretsmanager:ForceDeleteWithoutRecovery": "true" } : {};
  if (force && input.RecoveryWindowInDays !== undefined) {
    throw invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (days < 7 || days > 30) {
    throw invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
  if (force) return deleted(request, input.SecretId, how);
  const window = { "secretsmanager:RecoveryWindowInDays": String(days) };
  const secret = notDeleted(permitted(request, input.SecretId, window));
  secret.deletedMs = request.nowMs;
  secret.deletionMs = request.nowMs + days * dayMs;
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name, DeletionDate: secret.deletionMs / 1000 };
};

/** Restores what is marked; of what is not, AWS takes it too. */
export const restoreSecret: Operation<SecretsManagerState> = (request) => {
  const secret = permitted(request, readInput(request.input, { SecretId: secretId }).SecretId);
  delete secret.deletedMs;
  delete secret.deletionMs;
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name };
};

/** What is not there counts as deleted. */
function deleted(request: Request, id: string, context: Readonly<Record<string, string>>): object {
  const DeletionDate = request.nowMs / 1000;
  let secret: Secret;
  try {
    secret = permitted(request, id, context);
  } catch (thrown) {
    if (isAwsError(thrown) && thrown.name === "ResourceNotFoundException") return { Name: id, DeletionDate };
    throw thrown;
  }
  request.state.secrets = request.state.secrets.filter((each) => each !== secret);
  request.save();
  return { ARN: arnOf(request, secret), Name: secret.name, DeletionDate };
}

const invalid = (message: string): Error => awsError("InvalidParameterException", message);
