import { createHmac } from "node:crypto";
import { KMS } from "@aws-sdk/client-kms";
import middy from "@middy/core";
import { awsProviders } from "@serverless-secrets/aws";
import { sdk } from "@serverless-secrets/aws-client/sdk";
import { createResolver } from "@serverless-secrets/core";
import { secrets } from "@serverless-secrets/middy/custom";
import manifest from "./secrets.json" with { type: "json" };

// Here stands what only the SDK can do: useFipsEndpoint, a requestHandler for a proxy, credentials of another account.
const clients = sdk({ kms: (region) => new KMS({ region }) });
const resolver = createResolver({ providers: awsProviders({ clients }) });

/** Signs what it is sent, as examples/middy does, with a secret that the AWS SDK fetched. */
export const handler = middy<{ body: string }>()
  .use(secrets(resolver, manifest))
  .handler(async (event, context) => {
    const signature = createHmac("sha256", context.secrets.webhook).update(event.body).digest("hex");
    return { statusCode: 200, headers: { "x-signature": signature }, body: event.body };
  });
