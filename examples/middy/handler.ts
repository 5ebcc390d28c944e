import { createHmac } from "node:crypto";
import middy from "@middy/core";
import { pick, secrets } from "@serverless-secrets/middy";
import manifest from "./secrets.json" with { type: "json" };

/** Signs what it is sent, as one signs a webhook: the secret is used, and never leaves the function. */
export const handler = middy<{ body: string }>()
  .use(secrets(pick(manifest, "webhook")))
  .handler(async (event, context) => {
    const signature = createHmac("sha256", context.secrets.webhook).update(event.body).digest("hex");
    return { statusCode: 200, headers: { "x-signature": signature }, body: event.body };
  });
