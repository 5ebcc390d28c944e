import { createHmac } from "node:crypto";
import middy from "@middy/core";
import { secrets } from "@serverless-secrets/middy";
import manifest from "./secrets.json" with { type: "json" };

const digest = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

/** Signs what it is sent with a secret of each store; KMS, Secrets Manager and SSM were asked at once. */
export const handler = middy<{ body: string }>()
  .use(secrets(manifest))
  .handler(async ({ body }, { secrets: { webhook, password, token } }) => ({
    statusCode: 200,
    headers: {
      "x-webhook": digest(webhook, body),
      "x-password": digest(password, body), // one member of the JSON that Secrets Manager keeps for a database
      "x-token": digest(token, body),
    },
  }));
