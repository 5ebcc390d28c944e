import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { direct } from "../../packages/aws-client/src/index.ts";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { type Admin, secretsManagerContract } from "../../packages/provider-secrets-manager/test/contract.ts";
import { admin as ask, onAccount, region } from "./account.ts";

const admin: Admin = (operation, input) => ask("secretsmanager", operation, input);
const paths = {
  AWS: direct(),
  "AWS, through the SDK": sdk({ secretsmanager: (where) => new SecretsManager({ region: where }) }),
};
for (const [name, clients] of Object.entries(paths)) {
  secretsManagerContract(name, { region, admin, options: { clients: onAccount(clients) } });
}
