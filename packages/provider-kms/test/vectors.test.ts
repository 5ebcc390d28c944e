import { createCipheriv } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { AwsClients } from "@serverless-secrets/aws-client";
import { bytes, createResolver, SecretError } from "@serverless-secrets/core";
import { makeVectors } from "../../../tests/formats/make.ts";
import vectors from "../../../tests/formats/vectors.json" with { type: "json" };
import { kms, kmsfile } from "../src/index.ts";

// The vectors of docs/formats.md, which a reader in Python opens too (tests/formats). What once was sealed opens for ever: a
// change that makes one of them fail is another format, and needs another version.

const root = await mkdtemp(join(tmpdir(), "vectors-"));
afterAll(() => rm(root, { recursive: true }));
for (const [path, contents] of Object.entries(vectors.files)) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), Buffer.from(contents, "base64"));
}

/** A KMS that answers as the vectors say, and refuses anything else. */
const clients: AwsClients = async ({ input }) => {
  const { KeyId, CiphertextBlob, EncryptionContext = {} } = input as Record<string, string>;
  const found = vectors.kms.find(
    ({ keyArn, ciphertextBase64, encryptionContext }) =>
      keyArn === KeyId &&
      ciphertextBase64 === CiphertextBlob &&
      isDeepStrictEqual(encryptionContext, { ...Object(EncryptionContext) }),
  );
  if (found === undefined) throw new SecretError("ERR_SECRET_INTEGRITY", "KMS refuses.");
  return {
    KeyId: KeyId?.replace(/alias\/.*/, "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    Plaintext: found.plaintextBase64,
  };
};
const legacy = vectors.vectors.find(({ id }) => id === "file of version 2")?.reference ?? "";
const listed = vectors.vectors.flatMap(({ id, reference }) =>
  id === "a file as of version 2" ? [reference, legacy] : [],
);
const resolve = (reference: string) =>
  createResolver({ providers: [kms({ clients }), kmsfile({ clients, root, allowUnauthenticated: listed })] }).resolve(
    bytes(reference),
  );

test("they are what tests/formats/make.ts makes", () => {
  expect(vectors).toEqual(makeVectors());
});

describe("what opens", () => {
  for (const { id, reference, plaintextBase64, steps } of vectors.vectors) {
    if (plaintextBase64 === undefined) continue;
    test(id, async () => {
      expect(Buffer.from(await resolve(reference)).toString("base64")).toBe(plaintextBase64);
      if (steps === undefined) return;
      // Step by step, without our code.
      const [salt, key, nonce, commitment, additionalData] = [
        steps.salt,
        steps.key,
        steps.nonce,
        steps.commitment,
        steps.additionalData,
      ].map((hex) => Buffer.from(hex, "hex")) as [Buffer, Buffer, Buffer, Buffer, Buffer];
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(additionalData);
      const ciphertext = [cipher.update(Buffer.from(plaintextBase64, "base64")), cipher.final()];
      const sealed = Buffer.concat([Uint8Array.of(1), salt, commitment, ...ciphertext, cipher.getAuthTag()]);
      const inFile = Object.values(vectors.files).includes(sealed.toString("base64"));
      expect(inFile || reference.includes(`.${sealed.toString("base64url")}`)).toBe(true);
    });
  }
});

describe("what does not", () => {
  for (const { id, reference, refused } of vectors.vectors) {
    if (refused === undefined) continue;
    test(id, async () => {
      await expect(resolve(reference)).rejects.toMatchObject({ code: refused });
    });
  }
});
