import { createHmac } from "node:crypto";
import net from "node:net";
import { expect, jest, test } from "@jest/globals";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { handler } from "./handler.ts";
import manifest from "./secrets.json" with { type: "json" };

const digest = (secret: string) => createHmac("sha256", secret).update("hello").digest("hex");

test("the handler signs the body with a secret of each store", async () => {
  const connect = jest.spyOn(net.Socket.prototype, "connect");
  const fakes = {
    [manifest.webhook]: "a fake secret",
    "secretsmanager::prod/shop/db": { user: "shop", password: "a fake password" },
    [manifest.token]: "a fake token",
  };

  const { headers } = await withFakeSecrets(
    fakes,
    () => handler({ body: "hello" }, {} as never), // The middleware fills the context.
  );

  expect(headers).toEqual({
    "x-webhook": digest("a fake secret"),
    "x-password": digest("a fake password"),
    "x-token": digest("a fake token"),
  });
  expect(connect).not.toHaveBeenCalled();
});
