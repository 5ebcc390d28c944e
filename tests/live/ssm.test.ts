import { SSM } from "@aws-sdk/client-ssm";
import { direct } from "../../packages/aws-client/src/index.ts";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { type Admin, ssmContract } from "../../packages/provider-ssm/test/contract.ts";
import { admin as ask, onAccount, region } from "./account.ts";

const admin: Admin = (operation, input) => ask("ssm", operation, input);
const paths = {
  AWS: direct(),
  "AWS, through the SDK": sdk({ ssm: (where) => new SSM({ region: where }) }),
};
for (const [name, clients] of Object.entries(paths)) {
  ssmContract(name, { region, admin, options: { clients: onAccount(clients) } });
}
