import { sign } from "node:crypto";
import middy from "@middy/core";
import { createResolver } from "@serverless-secrets/core";
import { secrets } from "@serverless-secrets/middy/custom";
import { kms, kmsfile } from "@serverless-secrets/provider-kms";
import manifest from "./secrets.json" with { type: "json" };

// In Lambda kmsfile() reads below LAMBDA_TASK_ROOT, where what is deployed stands.
const resolver = createResolver({ providers: [kms(), kmsfile()] });

/** Makes an order of what it is sent: with the partner's token, signed with the private key that is deployed as a file. */
export const handler = middy<{ body: string }>()
  .use(secrets(resolver, manifest))
  .handler(async (event, context) => {
    const { partnerToken, partnerId, signingKey } = context.secrets;
    const signature = sign("sha256", Buffer.from(event.body), signingKey).toString("base64");
    return { headers: { authorization: `Bearer ${partnerId}:${partnerToken}`, signature }, body: event.body };
  });
