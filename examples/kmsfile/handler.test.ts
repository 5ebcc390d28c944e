import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "@jest/globals";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { handler } from "./handler.ts";
import manifest from "./secrets.json" with { type: "json" };

test("the handler signs the body with the key from the file: no file, no KMS", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const fakes = {
    [manifest.partnerToken]: "a token",
    [manifest.partnerId]: "42",
    [manifest.signingKey]: privateKey.export({ type: "pkcs8", format: "pem" }),
  };

  const { headers } = await withFakeSecrets(fakes, () => handler({ body: "two horses" }, {} as never));

  expect(headers.authorization).toBe("Bearer 42:a token");
  const signature = Buffer.from(headers.signature, "base64");
  expect(verify("sha256", Buffer.from("two horses"), createPublicKey(privateKey), signature)).toBe(true);
});
