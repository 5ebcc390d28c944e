import { KMS } from "@aws-sdk/client-kms";
import { describe, expect, jest, test } from "@jest/globals";
import { createResolver, isSecretError } from "@serverless-secrets/core";
import { type KmsClient, kms } from "../src/index.ts";

const key = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const reference = `kms::${key}::${Buffer.from("sealed").toString("base64")}?context.stage=prod`;
const resolve = (client: KmsClient) => createResolver({ providers: [kms({ client })] }).resolve(reference);
const failing = (thrown: object): KmsClient => ({
  decrypt: () => Promise.reject(Object.assign(new Error("CANARY"), thrown)),
});

describe("kms({ client })", () => {
  test("asks the client what it would ask KMS, in bytes", async () => {
    const decrypt = jest.fn<KmsClient["decrypt"]>(async () => ({
      KeyId: key,
      Plaintext: Buffer.from("correct horse"),
    }));
    expect(await resolve({ decrypt })).toBe("correct horse");
    expect(decrypt.mock.calls).toEqual([
      [
        { KeyId: key, CiphertextBlob: Buffer.from("sealed"), EncryptionContext: { stage: "prod" } },
        { abortSignal: expect.any(AbortSignal) },
      ],
    ]);
  });

  test("compares the key that the client says it used", async () => {
    const client = { decrypt: async () => ({ KeyId: key.replace("1234", "ffff"), Plaintext: Buffer.from("x") }) };
    await expect(resolve(client)).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
  });

  test("calls a method, on its object", async () => {
    class Mine {
      readonly plaintext = Buffer.from("correct horse");
      async decrypt() {
        return { KeyId: key, Plaintext: this.plaintext };
      }
    }
    expect(await resolve(new Mine())).toBe("correct horse");
  });

  test.each([
    [{ name: "DisabledException", $fault: "client", $metadata: { httpStatusCode: 400 } }, "ERR_SECRET_ACCESS_DENIED"],
    [
      { name: "InvalidCiphertextException", $fault: "client", $metadata: { httpStatusCode: 400 } },
      "ERR_SECRET_INTEGRITY",
    ],
    [{ name: "KMSInternalException", $fault: "server", $metadata: { httpStatusCode: 500 } }, "ERR_SECRET_UNAVAILABLE"],
    [{ name: "CredentialsProviderError" }, "ERR_SECRET_ACCESS_DENIED"],
    [{ name: "TimeoutError" }, "ERR_SECRET_UNAVAILABLE"],
    [{ code: "ECONNREFUSED" }, "ERR_SECRET_UNAVAILABLE"],
    [{}, "ERR_SECRET_PROVIDER"],
  ])("tells what the client threw by its code, without its message: %j", async (thrown, code) => {
    const error = await resolve(failing(thrown)).catch((caught: unknown) => caught);
    expect(isSecretError(error) && error.code).toBe(code);
    expect((error as Error).stack).not.toContain("CANARY");
  });

  test("takes the SDK's KMS, and nothing without its decrypt, by type", () => {
    kms({ client: new KMS({ region: "us-west-1" }) });
    // @ts-expect-error no decrypt
    kms({ client: {} });
  });
});
