import { afterAll } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";
import { ssmContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

ssmContract("local AWS", { region: aws.region });
