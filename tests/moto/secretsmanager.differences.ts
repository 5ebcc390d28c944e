// Where moto 5.2.5's Secrets Manager does not do as AWS's: data, as differences.ts has it for KMS.
import type { Differences, DifferentAnswer } from "./differences.ts";

export const secretsManagerDifferences: Differences = {
  "a rotation changes what is current, and its secret to come is not given before": {
    moto: "moves the stage, and goes on giving the old value as the current one",
    fails: 'Expected: "new"\nReceived: "old"',
  },
  "what is marked for deletion is told with the way to restore it, alone and beside another, which is served": {
    moto: "says so in other words",
    fails: '-   "message": StringContaining "restore-secret",\n+   "code": "ERR_SECRET_PROVIDER",',
  },
  "what is marked for deletion is not written over": {
    moto: "gives it a new version all the same",
    fails: "Received promise resolved instead of rejected",
  },
};

/** The name of a secret that is marked for deletion. */
export interface SecretsManagerWorld {
  readonly deleted: string;
}

const notThere = {
  SecretId: "not-there",
  ErrorCode: "ResourceNotFoundException",
  Message: "Secrets Manager can't find the specified secret.",
};

export const secretsManagerAnswers: readonly DifferentAnswer<SecretsManagerWorld>[] = [
  {
    request: "BatchGetSecretValue of 21 secrets",
    aws: "HTTP 400, ValidationException",
    operation: "BatchGetSecretValue",
    input: () => ({ SecretIdList: Array(21).fill("not-there") }),
    moto: { status: 200, body: { SecretValues: [], Errors: Array(21).fill(notThere), NextToken: null } },
  },
  {
    request: "the last page of BatchGetSecretValue",
    aws: "leaves NextToken out",
    operation: "BatchGetSecretValue",
    input: () => ({ SecretIdList: ["not-there"] }),
    moto: { status: 200, body: { SecretValues: [], Errors: [notThere], NextToken: null } },
  },
  {
    request: "GetSecretValue of what is marked for deletion",
    aws: 'InvalidRequestException, "… because it was marked for deletion."',
    operation: "GetSecretValue",
    input: ({ deleted }) => ({ SecretId: deleted }),
    moto: {
      status: 400,
      body: {
        __type: "InvalidRequestException",
        message:
          "An error occurred (InvalidRequestException) when calling the GetSecretValue operation: You tried to                 perform the operation on a secret that's currently marked deleted.",
      },
    },
  },
];
