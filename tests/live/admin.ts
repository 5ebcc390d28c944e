import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { KMS } from "@aws-sdk/client-kms";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { type AwsClients, defaultRegion, type Service } from "../../packages/aws-client/src/index.ts";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";

/** Asks a service for an operation, and gives its answer. It rejects if the service refuses. */
export type Ask = (service: Service, operation: string, input: object) => Promise<Record<string, unknown>>;

// SSM takes 3 PutParameter a second.
const maxAttempts = 10;
const patienceMs = 90_000;

/** The SDK, more patient than in a function: for what prepares the tests, and cleans up after them. */
export const patient: AwsClients = sdk({
  kms: (region) => new KMS({ region, maxAttempts }),
  secretsmanager: (region) => new SecretsManager({ region, maxAttempts }),
  ssm: (region) => new SSM({ region, maxAttempts }),
  dynamodb: (region) => new DynamoDB({ region, maxAttempts }),
});

/** Asks by these clients in the region of the environment. */
export const askBy =
  (send: AwsClients): Ask =>
  (service, operation, input) => {
    const call = {
      signal: new AbortController().signal,
      deadlineMs: Date.now() + patienceMs,
      background: false,
    };
    return send({ service, operation, region: defaultRegion(), input }, call);
  };
