import { createHmac } from "node:crypto";
import net from "node:net";
import { expect, jest, test } from "@jest/globals";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { handler } from "./handler.ts";
import manifest from "./secrets.json" with { type: "json" };

test("the handler signs the body with the webhook secret", async () => {
  const connect = jest.spyOn(net.Socket.prototype, "connect");

  const answer = await withFakeSecrets(
    { [manifest.webhook]: "a fake secret" },
    () => handler({ body: "hello" }, {} as never), // The middleware fills the context.
  );

  expect(answer.headers["x-signature"]).toBe(createHmac("sha256", "a fake secret").update("hello").digest("hex"));
  expect(connect).not.toHaveBeenCalled();
});
