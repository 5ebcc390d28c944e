import type { Service } from "../service.ts";
import { batchGetSecretValue } from "./batchget.ts";
import { createSecret } from "./createsecret.ts";
import { deleteSecret, restoreSecret } from "./deletesecret.ts";
import { describeSecret } from "./describesecret.ts";
import { getSecretValue } from "./getsecretvalue.ts";
import { listSecrets, listSecretVersionIds } from "./list.ts";
import { putSecretValue } from "./putsecretvalue.ts";
import { elapse, type SecretsManagerState } from "./state.ts";
import { updateSecret } from "./updatesecret.ts";
import { updateSecretVersionStage } from "./updatestage.ts";

/** AWS Secrets Manager. https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html */
export const secretsManager: Service<SecretsManagerState> = {
  name: "secretsmanager",
  targetPrefix: "secretsmanager.",
  jsonVersion: "1.1",
  logged: [
    "Name",
    "SecretId",
    "SecretIdList",
    "VersionId",
    "VersionStage",
    "VersionStages",
    "RemoveFromVersionId",
    "MoveToVersionId",
    "ClientRequestToken",
    "KmsKeyId",
    "MaxResults",
    "NextToken",
    "IncludePlannedDeletion",
    "IncludeDeprecated",
    "RecoveryWindowInDays",
    "ForceDeleteWithoutRecovery",
  ],
  initial: () => ({ secrets: [] }),
  elapse,
  operations: new Map([
    ["BatchGetSecretValue", batchGetSecretValue],
    ["CreateSecret", createSecret],
    ["DeleteSecret", deleteSecret],
    ["DescribeSecret", describeSecret],
    ["GetSecretValue", getSecretValue],
    ["ListSecretVersionIds", listSecretVersionIds],
    ["ListSecrets", listSecrets],
    ["PutSecretValue", putSecretValue],
    ["RestoreSecret", restoreSecret],
    ["UpdateSecret", updateSecret],
    ["UpdateSecretVersionStage", updateSecretVersionStage],
  ]),
};
