import { KMS } from "@aws-sdk/client-kms";
import { afterAll } from "@jest/globals";
import { sdk } from "@serverless-secrets/aws-client/sdk";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

kmsContract("local AWS, through the SDK", {
  region: aws.region,
  clients: sdk({ kms: (region) => new KMS({ region }) }),
});
kmsContract("local AWS, with a client of the user's", { region: aws.region, client: new KMS({ region: aws.region }) });
