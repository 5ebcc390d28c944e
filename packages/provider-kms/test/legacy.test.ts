import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { AwsClients } from "@serverless-secrets/aws-client";
import { bytes, createResolver } from "@serverless-secrets/core";
import { type KmsFileOptions, kmsfile } from "../src/index.ts";
import vectors from "./fixtures/legacy-kmsfile.json" with { type: "json" };

// The vectors were made by version 2.0.2 of the plugin itself.

type Vector = (typeof vectors)[number];
const [text, , binary] = vectors as [Vector, Vector, Vector];
const folder = await mkdtemp(join(tmpdir(), "legacy-"));
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
/** A root with files in it. */
async function rootOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  made += 1;
  const root = join(folder, String(made));
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), contents);
  }
  await mkdir(root, { recursive: true });
  return root;
}

/** A KMS that knows the vectors' data keys, and as AWS's names the key, not the alias, that it used. */
const kmsOf =
  (plaintext?: string): AwsClients =>
  async ({ operation, input }) => {
    const { KeyId, CiphertextBlob, ...rest } = input as Record<string, string>;
    const vector = vectors.find(({ wrappedDataKeyBase64 }) => wrappedDataKeyBase64 === CiphertextBlob);
    expect({ operation, KeyId, rest }).toEqual({ operation: "Decrypt", KeyId: vector?.keyArn, rest: {} });
    const Plaintext = plaintext ?? vector?.dataKeyPlaintextBase64;
    return { KeyId: KeyId?.replace("alias/MyAliasName", "key/0d1e2f3a-0000-4000-8000-000000000000"), Plaintext };
  };
const resolverOf = (root: string, options: KmsFileOptions = {}) =>
  createResolver({
    providers: [kmsfile({ root, clients: kmsOf(), allowUnauthenticated: [text.ref, binary.ref], ...options })],
  });
const contents = ({ fileContentsBase64 }: Vector) => Buffer.from(fileContentsBase64, "base64");

describe.each(vectors)("$id, as version 2 of the plugin wrote it", (vector) => {
  test.each([vector.fileName, `secrets/kmsfile/${vector.fileName}`])("is read from %s", async (path) => {
    const root = await rootOf({ [path]: contents(vector) });
    const value = await resolverOf(root, { allowUnauthenticated: [vector.ref] }).resolve(bytes(vector.ref));
    expect(createHash("sha256").update(value).digest("hex")).toBe(vector.plaintextSha256);
    expect(Buffer.from(value).toString("base64")).toBe(vector.plaintextBase64);
  });

  test("is refused unless its user lists it, with the way to seal it again", async () => {
    const root = await rootOf({ [vector.fileName]: contents(vector) });
    for (const allowUnauthenticated of [
      undefined,
      [],
      vectors.map(({ ref }) => ref).filter((ref) => ref !== vector.ref),
    ]) {
      const options = allowUnauthenticated === undefined ? {} : { allowUnauthenticated };
      const { resolve } = createResolver({ providers: [kmsfile({ root, clients: kmsOf(), ...options })] });
      await expect(resolve(vector.ref)).rejects.toMatchObject({
        code: "ERR_SECRET_REFERENCE",
        message: expect.stringMatching(/version 2.*nothing authenticates.*kmsfileSealer.*allowUnauthenticated/),
      });
    }
  });
});

describe("the list of what may be read though nothing authenticates it", () => {
  test.each([
    ["another file", (ref: string) => ref.replace("db.password.txt", "other.txt")],
    ["the file below a folder", (ref: string) => ref.replace("db.password.txt", "secrets/kmsfile/db.password.txt")],
    ["another data key", (ref: string) => ref.replace("AQICAHgd", "AQICAHge")],
    ["another key", (ref: string) => ref.replace("MyAliasName", "Other")],
    ["a context", (ref: string) => `${ref}?context.stage=prod`],
    ["a name", (ref: string) => `${ref}?name=db`],
  ])("does not hold for %s", async (_, change) => {
    const root = await rootOf({ [text.fileName]: contents(text), "other.txt": contents(text) });
    await expect(resolverOf(root).resolve(change(text.ref))).rejects.toMatchObject({ code: "ERR_SECRET_REFERENCE" });
  });

  test("holds however the reference is escaped, and for a pointer into the value", async () => {
    const root = await rootOf({ [text.fileName]: contents(text) });
    const escaped = text.ref.replace("db.password", "db%2Epassword");
    expect(await resolverOf(root).resolve(escaped)).toMatch(/^correct horse/);
    // The pointer is looked at: the file was opened.
    await expect(resolverOf(root).resolve(`${text.ref}#/a`)).rejects.toMatchObject({ code: "ERR_SECRET_VALUE" });
    const pointed = { allowUnauthenticated: [`${text.ref}#/a`] };
    expect(await resolverOf(root, pointed).resolve(text.ref)).toMatch(/^correct horse/);
  });

  test("must hold references", () => {
    expect(() => kmsfile({ allowUnauthenticated: ["db.password.txt"] })).toThrow(
      expect.objectContaining({ code: "ERR_SECRET_REFERENCE" }),
    );
  });
});

describe("a file of version 2", () => {
  test("in both of its places is an error: one is not the one that was meant", async () => {
    const root = await rootOf({
      [text.fileName]: contents(text),
      [`secrets/kmsfile/${text.fileName}`]: contents(text),
    });
    await expect(resolverOf(root).resolve(text.ref)).rejects.toMatchObject({
      code: "ERR_SECRET_INTEGRITY",
      message: expect.stringMatching(/twice/),
    });
  });

  test("in none of them is an error", async () => {
    await expect(resolverOf(await rootOf({})).resolve(text.ref)).rejects.toMatchObject({
      code: "ERR_SECRET_NOT_FOUND",
    });
  });

  test("that is no text is bytes, and an error as text: nothing is replaced", async () => {
    const root = await rootOf({ [binary.fileName]: contents(binary) });
    expect([...(await resolverOf(root).resolve(bytes(binary.ref)))]).toEqual([...Array(256).keys()]);
    await expect(resolverOf(root).resolve(binary.ref)).rejects.toMatchObject({ code: "ERR_SECRET_VALUE" });
  });

  test.each([0, 16, 24, 31, 33, 64])("with a data key of %d bytes does not open", async (size) => {
    const root = await rootOf({ [text.fileName]: contents(text) });
    const clients = kmsOf(Buffer.alloc(size, 1).toString("base64"));
    await expect(resolverOf(root, { clients }).resolve(text.ref)).rejects.toMatchObject({
      code: "ERR_SECRET_INTEGRITY",
    });
  });

  // What "unauthenticated" means, and why each reference must be listed.
  test("that somebody changed is read as if nothing was", async () => {
    const changed = contents(text);
    changed[0] = (changed[0] as number) ^ 0x20;
    const root = await rootOf({ [text.fileName]: changed });
    expect(await resolverOf(root).resolve(text.ref)).toMatch(/^Correct horse/);
  });
});
