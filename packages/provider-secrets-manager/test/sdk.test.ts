import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll } from "@jest/globals";
import { sdk } from "@serverless-secrets/aws-client/sdk";
import { startLocalAws } from "@serverless-secrets/local";
import { secretsManagerContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

secretsManagerContract("local AWS, through the SDK", {
  region: aws.region,
  options: { clients: sdk({ secretsmanager: (region) => new SecretsManager({ region }) }) },
});
