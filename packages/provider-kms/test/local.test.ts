import { afterAll } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsContract } from "./contract.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

kmsContract("local AWS", { region: aws.region });
