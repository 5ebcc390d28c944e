import { KMS } from "@aws-sdk/client-kms";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { kmsContract } from "../../packages/provider-kms/test/contract.ts";

const region = process.env["AWS_REGION"] || process.env["AWS_DEFAULT_REGION"] || "us-east-1";
const settleMs = 30_000;

kmsContract("AWS", { region, settleMs });
kmsContract("AWS, through the SDK", { region, settleMs, clients: sdk({ kms: (where) => new KMS({ region: where }) }) });
kmsContract("AWS, with a client of the user's", { region, settleMs, client: new KMS({ region }) });
