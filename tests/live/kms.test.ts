import { KMS } from "@aws-sdk/client-kms";
import { direct } from "../../packages/aws-client/src/index.ts";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { type Admin, kmsContract } from "../../packages/provider-kms/test/contract.ts";
import { admin as ask, onAccount, region } from "./account.ts";

// kmsfile's contract is within it.
const admin: Admin = (operation, input) => ask("kms", operation, input);
const settleMs = 30_000;
const paths = {
  AWS: { clients: onAccount(direct()) },
  "AWS, through the SDK": { clients: onAccount(sdk({ kms: (where) => new KMS({ region: where }) })) },
  "AWS, with a client of the user's": { clients: onAccount(direct()), client: new KMS({ region }) },
};
for (const [name, path] of Object.entries(paths)) kmsContract(name, { region, admin, settleMs, ...path });
