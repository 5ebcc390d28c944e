import { expect, test } from "@jest/globals";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { readings } from "./readings.ts";
import refs from "./secrets.json" with { type: "json" };

test("each reading gives what it says", async () => {
  const fakes = {
    [refs.token]: "battery staple",
    [refs.database]: { host: "db.internal", port: 5432, password: "correct horse" },
    [refs.certificate]: Uint8Array.of(0x30, 0x82, 0xff),
  };
  expect(await withFakeSecrets(fakes, readings)).toEqual({
    token: "battery staple",
    password: "correct horse",
    port: 5432,
    certificateBytes: 3,
    names: ["token", "database", "certificate"],
  });
});
