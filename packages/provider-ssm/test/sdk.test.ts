import { SSM } from "@aws-sdk/client-ssm";
import { afterAll } from "@jest/globals";
import { sdk } from "@serverless-secrets/aws-client/sdk";
import { startLocalAws } from "@serverless-secrets/local";
import { ssmContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

ssmContract("local AWS, through the SDK", {
  region: aws.region,
  options: { clients: sdk({ ssm: (region) => new SSM({ region }) }) },
});
