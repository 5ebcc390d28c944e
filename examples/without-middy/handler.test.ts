import { createHmac } from "node:crypto";
import { expect, test } from "@jest/globals";
import { withFakeSecrets } from "@serverless-secrets/core/testing";

process.env.WEBHOOK_SECRET = "ssm::/test/shop/webhook"; // before the import: it is read in module scope
const { handler } = await import("./handler.ts");

test("the handler signs the body with the secret that its environment refers to", async () => {
  const answer = await withFakeSecrets({ "ssm::/test/shop/webhook": "a fake secret" }, () =>
    handler({ body: "hello" }, {} as never),
  );
  expect(answer.headers["x-signature"]).toBe(createHmac("sha256", "a fake secret").update("hello").digest("hex"));
});
