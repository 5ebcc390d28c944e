import { createHmac } from "node:crypto";
import { fromEnv, withSecrets } from "@serverless-secrets/aws";

// The deployment puts references, never secrets, into the environment: WEBHOOK_SECRET=ssm::/prod/shop/webhook
const refs = fromEnv({ webhook: "WEBHOOK_SECRET" });

/** A Lambda handler without Middy: fetched once per container, and typed from the references. */
export const handler = withSecrets(refs, async (event: { body: string }, { secrets }) => ({
  statusCode: 200,
  headers: { "x-signature": createHmac("sha256", secrets.webhook).update(event.body).digest("hex") },
}));
