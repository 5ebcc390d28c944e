import { describe, expect, test } from "@jest/globals";
import type { AwsClients } from "@serverless-secrets/aws-client";
import { createResolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { kms } from "../src/index.ts";
import { kmsSealer } from "../src/seal.ts";

const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const otherArn = keyArn.replace("1234abcd", "ffffffff");
const aliasArn = "arn:aws:kms:us-west-1:111122223333:alias/app";
const Plaintext = Buffer.from("correct horse").toString("base64");
const ciphertext = Buffer.from("not a real ciphertext").toString("base64");

const answering = (answer: Record<string, unknown>, asked: unknown[] = []): AwsClients => {
  return async ({ input }) => {
    asked.push(input);
    return answer;
  };
};
const resolveFrom = (answer: Record<string, unknown>, reference: string, asked?: unknown[]) =>
  createResolver({ providers: [kms({ clients: answering(answer, asked) })] }).resolve(reference);

describe("what KMS is asked", () => {
  test("the key is always named, and no empty context sent", async () => {
    const asked: unknown[] = [];
    await resolveFrom({ KeyId: keyArn, Plaintext }, `kms::${keyArn}::${ciphertext}`, asked);
    expect(asked).toEqual([{ KeyId: keyArn, CiphertextBlob: ciphertext }]);
  });
});

describe("what KMS answers", () => {
  test("from another key it is no answer", async () => {
    for (const KeyId of [otherArn, undefined, keyArn.toUpperCase()]) {
      await expect(resolveFrom({ KeyId, Plaintext }, `kms::${keyArn}::${ciphertext}`)).rejects.toMatchObject({
        code: "ERR_SECRET_INTEGRITY",
        message: expect.stringContaining("another key"),
      });
    }
  });

  test("for an alias any key of its account and region is right, and no other", async () => {
    const reference = `kms::${aliasArn}::${ciphertext}`;
    expect(await resolveFrom({ KeyId: otherArn, Plaintext }, reference)).toBe("correct horse");
    for (const KeyId of [
      otherArn.replace("111122223333", "999922223333"),
      otherArn.replace("us-west-1", "us-west-2"),
    ]) {
      await expect(resolveFrom({ KeyId, Plaintext }, reference)).rejects.toMatchObject({
        code: "ERR_SECRET_INTEGRITY",
      });
    }
  });

  test.each([undefined, 7, "Y29y cmVj", `${Plaintext}\n`, "!"])(
    "without a plaintext, or with one that is no base64 (%j), it is a fault of the store",
    async (answered) => {
      const answer = { KeyId: keyArn, Plaintext: answered };
      await expect(resolveFrom(answer, `kms::${keyArn}::${ciphertext}`)).rejects.toMatchObject({
        code: "ERR_SECRET_UNAVAILABLE",
      });
    },
  );
});

describe("what cannot be sealed", () => {
  const sealer = kmsSealer({ clients: answering({ KeyId: otherArn, CiphertextBlob: ciphertext }) });

  test.each([
    ["nothing", `kms::${keyArn}`, "", "ERR_SECRET_VALUE", /0 bytes; KMS encrypts 1 to 4096/],
    ["more than KMS takes", `kms::${keyArn}`, "é".repeat(2_049), "ERR_SECRET_VALUE", /4098 bytes/],
    ["what is sealed", `kms::${keyArn}::${ciphertext}`, "x", "ERR_SECRET_REFERENCE", /without a ciphertext/],
    ["for another scheme", "ssm::/a", "x", "ERR_SECRET_REFERENCE", /kms::<key arn>/],
    ["under another key than asked for", `kms::${keyArn}`, "x", "ERR_SECRET_INTEGRITY", /another key/],
  ])("%s", async (_, unsealed, plaintext, code, message) => {
    const error = await seal(sealer, unsealed, plaintext).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
