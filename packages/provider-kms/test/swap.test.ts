import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { bytes, createResolver, formatReference, parseReference, type Reference, text } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { type KmsFileOptions, kms, kmsfile } from "../src/index.ts";
import { openLegacy } from "../src/legacy.ts";
import { envelopeSealer, kmsfileSealer, kmsSealer } from "../src/seal.ts";

// What somebody may try who can write manifests and files, and perhaps use the keys, but does not hold the data key.

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
const root = await mkdtemp(join(tmpdir(), "swap-"));
afterAll(async () => {
  await aws.stop();
  await rm(root, { recursive: true });
});
const [key, otherKey] = [aws.createKey().arn, aws.createKey().arn];
const alias = "alias/swap";
aws.createKey({ alias });

const resolver = (options: KmsFileOptions = {}) =>
  createResolver({ providers: [kms(), kmsfile({ root, ...options })] });
const codeOf = (reference: string, options?: KmsFileOptions): Promise<string> =>
  resolver(options)
    .resolve(bytes(reference))
    .then(
      () => "it opened",
      ({ code }: { code: string }) => code.replace("ERR_SECRET_", ""),
    );
const change = (reference: string, changed: Partial<Reference> | ((read: Reference) => Partial<Reference>)): string => {
  const read = parseReference(reference);
  return formatReference({ ...read, ...(typeof changed === "function" ? changed(read) : changed) });
};
const withOptions = (reference: string, ...options: readonly (readonly [string, string])[]) =>
  change(reference, { options: new Map(options) });
const wrappedOf = (reference: string): string =>
  /^(?:1\.)?([\w-]+)/.exec(parseReference(reference).payload ?? "")?.[1] ?? "";
const base64 = (base64url: string): string => Buffer.from(base64url, "base64url").toString("base64");
const base64url = (base64text: string): string => Buffer.from(base64text, "base64").toString("base64url");

const envelopes = envelopeSealer();
const files = kmsfileSealer({ root });
const db = await seal(envelopes, `kms::${key}?name=db&context.stage=prod`, "a database's password");
const token = await seal(envelopes, `kms::${key}?name=token&context.stage=prod`, "a token");
const file = await seal(files, `kmsfile::${key}::db.txt?name=db&context.stage=prod`, "a database's password");
await seal(files, `kmsfile::${key}::token.txt?name=token&context.stage=prod`, "a token");

test("as they were sealed, they open", async () => {
  expect(await resolver().resolveAll({ db, token })).toMatchObject({ db: "a database's password", token: "a token" });
  expect(await resolver().resolve(file)).toBe("a database's password");
});

describe("an envelope, moved", () => {
  test("to another's name: two lines swapped, also where their names are swapped with them", async () => {
    await expect(resolver().resolveAll({ db: token, token: db })).rejects.toMatchObject({
      code: "ERR_SECRET_INTEGRITY",
    });
    const renamed = change(token, { options: parseReference(db).options });
    expect(await codeOf(renamed)).toBe("INTEGRITY");
    await expect(resolver().resolveAll({ db: renamed })).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
  });

  test("the sealed part alone, into another's line", async () => {
    const sealed = parseReference(token).payload?.split(".")[1];
    expect(await codeOf(change(db, { payload: `${wrappedOf(db)}.${sealed}` }))).toBe("INTEGRITY");
  });

  test("under its name by intent is read under another property", async () => {
    expect((await resolver().resolveAll({ other: text(db, { name: "db" }) })).other).toBe("a database's password");
  });

  test.each<[string, readonly (readonly [string, string])[], string]>([
    ["no name", [["context.stage", "prod"]], "INTEGRITY"],
    [
      "an empty name",
      [
        ["name", ""],
        ["context.stage", "prod"],
      ],
      "REFERENCE",
    ],
    [
      "another stage",
      [
        ["name", "db"],
        ["context.stage", "dev"],
      ],
      "INTEGRITY",
    ],
    ["no stage", [["name", "db"]], "INTEGRITY"],
    [
      "a pair more",
      [
        ["name", "db"],
        ["context.stage", "prod"],
        ["context.app", "shop"],
      ],
      "INTEGRITY",
    ],
    [
      "a pair that is its name",
      [
        ["context.name", "db"],
        ["context.stage", "prod"],
      ],
      "INTEGRITY",
    ],
    [
      "the reserved pair by hand",
      [
        ["name", "db"],
        ["context.stage", "prod"],
        ["context.serverless-secrets", "envelope/1"],
      ],
      "REFERENCE",
    ],
  ])("to %s", async (_, options, code) => {
    expect(await codeOf(withOptions(db, ...options))).toBe(code);
    expect(await codeOf(withOptions(file, ...options))).toBe(code);
  });

  test("to another key, or to an alias", async () => {
    const aliasArn = key.replace(/key\/.*$/, alias);
    for (const ref of [otherKey, aliasArn]) {
      expect(await codeOf(change(db, { ref }))).toBe("INTEGRITY");
      expect(await codeOf(change(file, { ref }))).toBe("INTEGRITY");
    }
  });

  test("to another data key of the same key and context", async () => {
    const elsewhere = await seal(envelopeSealer(), `kms::${key}?name=db&context.stage=prod`, "another");
    const sealed = parseReference(db).payload?.split(".")[1];
    expect(await codeOf(change(db, { payload: `${wrappedOf(elsewhere)}.${sealed}` }))).toBe("INTEGRITY");
  });
});

describe("a data key, taken for something else", () => {
  const context = "?context.stage=prod";

  test("a wrapped data key is no raw secret, under any context that a reference may give", async () => {
    for (const sealed of [db, file]) {
      const ciphertext = base64(wrappedOf(sealed));
      expect(await codeOf(`kms::${key}::${ciphertext}${context}`)).toBe("INTEGRITY");
      expect(await codeOf(`kms::${key}::${ciphertext}${context}&name=db`)).toBe("INTEGRITY");
      expect(await codeOf(`kms::${key}::${ciphertext}${context}&context.serverless-secrets=envelope/1`)).toBe(
        "REFERENCE",
      );
      expect(await codeOf(`kms::${key}::${ciphertext}${context}&context.serverless-secrets=kmsfile/1`)).toBe(
        "REFERENCE",
      );
    }
  });

  test("a raw secret is no wrapped data key, though it be of 32 bytes", async () => {
    const raw = parseReference(await seal(kmsSealer(), `kms::${key}${context}`, Buffer.alloc(32, 1))).payload ?? "";
    const sealed = parseReference(db).payload?.split(".")[1];
    expect(await codeOf(`kms::${key}::${base64url(raw)}.${sealed}${context}`)).toBe("INTEGRITY");
    expect(await codeOf(`kmsfile::${key}::1.${base64url(raw)}::db.txt${context}`)).toBe("INTEGRITY");
  });

  test("that of files opens no envelope, nor that of envelopes a file", async () => {
    const inFile = await readFile(join(root, "db.txt"));
    const envelope = `${wrappedOf(file)}.${inFile.toString("base64url")}`;
    expect(await codeOf(change(db, { payload: envelope }))).toBe("INTEGRITY");
    await writeFile(join(root, "moved.txt"), Buffer.from(parseReference(db).payload?.split(".")[1] ?? "", "base64url"));
    expect(await codeOf(change(file, { payload: `1.${wrappedOf(db)}::moved.txt` }))).toBe("INTEGRITY");
  });
});

describe("a file, moved", () => {
  test("to another's path, or another's contents in its place", async () => {
    expect(await codeOf(change(file, { payload: `1.${wrappedOf(file)}::token.txt` }))).toBe("INTEGRITY");
    await writeFile(join(root, "copy.txt"), await readFile(join(root, "db.txt")));
    expect(await codeOf(change(file, { payload: `1.${wrappedOf(file)}::copy.txt` }))).toBe("INTEGRITY");
  });

  test("to where version 2 had its files: it is not looked for there", async () => {
    await mkdir(join(root, "secrets/kmsfile"), { recursive: true });
    await rename(join(root, "db.txt"), join(root, "secrets/kmsfile/db.txt"));
    expect(await codeOf(file)).toBe("NOT_FOUND");
    await rename(join(root, "secrets/kmsfile/db.txt"), join(root, "db.txt"));
    expect(await codeOf(file)).toBe("it opened");
  });

  test("truncated, extended, changed, empty", async () => {
    const whole = await readFile(join(root, "db.txt"));
    const changed = Buffer.from(whole);
    changed[70] = (changed[70] as number) ^ 1;
    try {
      for (const damaged of [whole.subarray(1), whole.subarray(0, -1), Buffer.concat([whole, whole]), changed, ""]) {
        await writeFile(join(root, "db.txt"), damaged);
        expect(await codeOf(file)).toBe("INTEGRITY");
      }
    } finally {
      await writeFile(join(root, "db.txt"), whole);
    }
  });
});

describe("the formats, taken for one another", () => {
  const legacyOf = (reference: string) => change(reference, { payload: `${base64(wrappedOf(reference))}::db.txt` });

  test("a new reference cut down to version 2 is refused, and where it was listed KMS refuses", async () => {
    const legacy = legacyOf(file);
    expect(await codeOf(legacy)).toBe("REFERENCE");
    expect(await codeOf(legacy, { allowUnauthenticated: [legacy] })).toBe("INTEGRITY");
  });

  test("a reference of version 2 made to look new is refused by KMS", async () => {
    const { ciphertext, reference } = await legacyFile("plain.txt", "a value");
    expect(await resolver({ allowUnauthenticated: [reference] }).resolve(reference)).toBe("a value");
    expect(await codeOf(`kmsfile::${key}::1.${base64url(ciphertext)}::plain.txt`)).toBe("INTEGRITY");
  });

  test("a file of version 2 in a new one's place does not verify", async () => {
    await legacyFile("plain.txt", "a value");
    expect(await codeOf(change(file, { payload: `1.${wrappedOf(file)}::plain.txt` }))).toBe("INTEGRITY");
  });

  test("a new file in place of one of version 2 gives nothing of its value: the reference decides the format", async () => {
    const { reference } = await legacyFile("plain.txt", "a value");
    await writeFile(join(root, "plain.txt"), await readFile(join(root, "db.txt")));
    const read = await resolver({ allowUnauthenticated: [reference] }).resolve(bytes(reference));
    expect(Buffer.from(read).includes("password")).toBe(false);
    expect(read).toHaveLength("a database's password".length + 81);
  });

  /** As version 2 made one: the data key with no context of ours, AES-CTR, no MAC. */
  async function legacyFile(path: string, value: string): Promise<{ ciphertext: string; reference: string }> {
    const dataKey = Buffer.alloc(32, 7);
    const ciphertext = parseReference(await seal(kmsSealer(), `kms::${key}`, dataKey)).payload ?? "";
    await writeFile(join(root, path), openLegacy(dataKey, Buffer.from(value))); // Encrypting is decrypting, in CTR.
    return { ciphertext, reference: `kmsfile::${key}::${ciphertext}::${path}` };
  }
});

describe("a reference of which any character is changed", () => {
  test.each([
    ["an envelope", db],
    ["a file", file],
  ])("%s does not open", async (_, reference) => {
    const from = reference.indexOf("::", 10) + 2;
    const to = reference.indexOf("?");
    const outcomes = new Map<string, number>();
    const resolve = resolver().resolve;
    await Promise.all(
      [...reference.slice(from, to)].flatMap((was, index) =>
        [was === "A" ? "B" : "A", "", `${was}A`, ".", "="].map(async (now) => {
          const changed = reference.slice(0, from + index) + now + reference.slice(from + index + 1);
          if (changed === reference) return;
          const code = await resolve(changed).then(
            () => `it opened: ${index} ${now}`,
            (error) => error.code as string,
          );
          outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
        }),
      ),
    );
    for (const code of outcomes.keys()) {
      // Of a file's path another may be meant, that is not there.
      expect(code).toMatch(/^ERR_SECRET_(INTEGRITY|REFERENCE|NOT_FOUND)$/);
      if (reference === db) expect(code).not.toMatch(/NOT_FOUND/);
    }
  });
});
