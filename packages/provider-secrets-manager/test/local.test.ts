import { afterAll } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";
import { secretsManagerContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

secretsManagerContract("local AWS", { region: aws.region });
