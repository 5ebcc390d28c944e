import { afterAll } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";
import { ssmContract } from "./contract.ts";

const aws = await startLocalAws();
// It keeps nothing, as the contract changes what it reads.
const extension = await aws.startExtension({ ttlMs: 0 });
Object.assign(process.env, aws.env, extension.env);
afterAll(() => aws.stop());

ssmContract("local AWS, through the extension", { region: aws.region, options: { via: "extension" } });
