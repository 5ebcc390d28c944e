import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { KMS } from "@aws-sdk/client-kms";
import { direct } from "../../packages/aws-client/src/index.ts";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { credstashContract } from "../../packages/provider-credstash/test/contract.ts";
import { admin, onAccount, region } from "./account.ts";

const paths = {
  AWS: direct(),
  "AWS, through the SDK": sdk({
    kms: (where) => new KMS({ region: where }),
    dynamodb: (where) => new DynamoDB({ region: where }),
  }),
};
for (const [name, clients] of Object.entries(paths)) {
  credstashContract(name, { region, admin, clients: onAccount(clients) });
}
