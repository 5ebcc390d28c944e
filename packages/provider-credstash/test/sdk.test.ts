import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { KMS } from "@aws-sdk/client-kms";
import { afterAll } from "@jest/globals";
import { sdk } from "@serverless-secrets/aws-client/sdk";
import { startLocalAws } from "@serverless-secrets/local";
import { credstashContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

credstashContract("local AWS, through the SDK", {
  region: aws.region,
  clients: sdk({ kms: (region) => new KMS({ region }), dynamodb: (region) => new DynamoDB({ region }) }),
});
