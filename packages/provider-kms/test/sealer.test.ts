import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { AwsClients } from "@serverless-secrets/aws-client";
import { bytes, createResolver, parseReference } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kms, kmsfile } from "../src/index.ts";
import { type DataKeyOptions, envelopeSealer, kmsfileSealer, kmsSealer } from "../src/seal.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
const folder = await mkdtemp(join(tmpdir(), "sealer-"));
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});
const [key, otherKey] = [aws.createKey().arn, aws.createKey().arn];
let root: string;
let roots = 0;
beforeEach(async () => {
  aws.clearLog();
  roots += 1;
  root = join(folder, String(roots));
  await mkdir(root);
});
const operations = () => aws.calls.map(({ operation }) => operation);
const resolve = (reference: string) => createResolver({ providers: [kms(), kmsfile({ root })] }).resolve(reference);
const errorOf = (sealing: Promise<string>) =>
  sealing.then(
    () => "it was sealed",
    (error: unknown) => error,
  );

/** The two that seal under data keys, and what each seals. */
const kinds = [
  ["envelopeSealer", (options?: DataKeyOptions) => envelopeSealer(options), (options = "") => `kms::${key}${options}`],
  [
    "kmsfileSealer",
    (options?: DataKeyOptions) => kmsfileSealer({ root, ...options }),
    (options = "") => `kmsfile::${key}::a.txt${options}`,
  ],
] as const;

describe.each(kinds)("%s: one data key for what belongs together", (_, sealerOf, unsealed) => {
  test("what is sealed at once, or later, under one key and context shares a data key", async () => {
    const sealer = sealerOf();
    await Promise.all(["?name=a", "?name=b", "", ""].map((options) => seal(sealer, unsealed(options), "x")));
    await seal(sealer, unsealed("?name=c"), "x");
    expect(operations()).toEqual(["GenerateDataKey"]);
  });

  test("another context, another key, another sealer has another", async () => {
    const sealer = sealerOf();
    await seal(sealer, unsealed(), "x");
    await seal(sealer, unsealed("?context.stage=prod"), "x");
    await seal(sealer, unsealed("?context.stage=dev"), "x");
    await seal(sealer, unsealed().replace(key, otherKey), "x");
    await seal(sealerOf(), unsealed(), "x");
    expect(operations()).toEqual(Array(5).fill("GenerateDataKey"));
  });

  test("one that failed is not kept: the next seal asks again", async () => {
    const sealer = sealerOf();
    const allow = aws.deny({ action: "kms:GenerateDataKey" });
    const failed = await Promise.all([1, 2].map(() => errorOf(seal(sealer, unsealed(), "x"))));
    expect(failed).toMatchObject([{ code: "ERR_SECRET_ACCESS_DENIED" }, { code: "ERR_SECRET_ACCESS_DENIED" }]);
    expect(operations()).toEqual(["GenerateDataKey"]);
    allow();
    expect(await resolve(await seal(sealer, unsealed(), "x"))).toBe("x");
  });

  test("added to that of a reference, none is made, and it is opened once", async () => {
    const dataKeyOf = await seal(sealerOf(), unsealed("?context.stage=prod&name=a"), "first");
    aws.clearLog();
    const sealer = sealerOf({ dataKeyOf: `${dataKeyOf}#/a/pointer` });
    const added: string[] = [];
    for (const name of ["b", "c"]) added.push(await seal(sealer, unsealed(`?context.stage=prod&name=${name}`), name));
    expect(operations()).toEqual(["Decrypt"]);
    const wrappedOf = (reference: string) => /::(?:1\.)?([\w-]{50,})/.exec(reference)?.[1];
    expect(added.map(wrappedOf)).toEqual([wrappedOf(dataKeyOf), wrappedOf(dataKeyOf)]);
    expect(await resolve(added[1] as string)).toBe("c");
  });

  test.each([
    ["key", () => unsealed("?context.stage=prod").replace(key, otherKey)],
    ["stage", () => unsealed("?context.stage=dev")],
    ["pair more", () => unsealed("?context.stage=prod&context.app=shop")],
    ["context", () => unsealed()],
  ])("not added to that of another %s", async (_name, other) => {
    const dataKeyOf = await seal(sealerOf(), unsealed("?context.stage=prod"), "first");
    aws.clearLog();
    expect(await errorOf(seal(sealerOf({ dataKeyOf }), other(), "x"))).toMatchObject({
      code: "ERR_SECRET_REFERENCE",
      message: expect.stringMatching(/another key or context/),
    });
    expect(operations()).toEqual([]);
  });

  test("not added to what has no data key of its kind", async () => {
    const others = [
      await seal(kmsSealer(), `kms::${key}`, "raw"),
      await seal(envelopeSealer(), `kms::${key}`, "envelope"),
      await seal(kmsfileSealer({ root }), `kmsfile::${key}::other.txt`, "file"),
      `kmsfile::${key}::${Buffer.alloc(32).toString("base64")}::version-2.txt`,
      "ssm::/prod/db",
      "no reference",
    ].filter((reference) => !reference.startsWith("kms::") || !reference.includes(".") || _ !== "envelopeSealer");
    for (const dataKeyOf of others.filter(
      (reference) => _ !== "kmsfileSealer" || !/^kmsfile::.*::1\./.test(reference),
    )) {
      expect(() => sealerOf({ dataKeyOf })).toThrow(expect.objectContaining({ code: "ERR_SECRET_REFERENCE" }));
    }
  });

  test("nor to a data key that is not one of 32 bytes, nor of another key than it says", async () => {
    const dataKeyOf = await seal(sealerOf(), unsealed(), "x");
    const answers = [
      { KeyId: key, Plaintext: Buffer.alloc(16, 1).toString("base64") },
      { KeyId: otherKey, Plaintext: Buffer.alloc(32, 1).toString("base64") },
    ];
    for (const answer of answers) {
      const CiphertextBlob = Buffer.from("wrapped").toString("base64");
      const clients: AwsClients = async () => ({ ...answer, CiphertextBlob });
      for (const options of [{ clients, dataKeyOf }, { clients }]) {
        expect(await errorOf(seal(sealerOf(options), unsealed(), "x"))).toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
      }
    }
  });

  test("what it needs to be allowed: the one operation, for data keys of its format alone", async () => {
    const format = _ === "envelopeSealer" ? "envelope/1" : "kmsfile/1";
    const scope = { partition: "aws", region: "us-east-1", accountId: "111122223333", keyArn: () => undefined };
    const targets = ["?name=a", "?name=b&context.stage=prod", "?context.stage=prod"].map((o) =>
      parseReference(unsealed(o)),
    );
    const needed = (action: string) => [
      {
        actions: [action],
        resources: [key],
        conditions: { StringEquals: { "kms:EncryptionContext:serverless-secrets": format } },
      },
      {
        actions: [action],
        resources: [key],
        conditions: {
          StringEquals: { "kms:EncryptionContext:serverless-secrets": format, "kms:EncryptionContext:stage": "prod" },
        },
      },
    ];
    expect(sealerOf().permissions(targets, scope)).toEqual(needed("kms:GenerateDataKey"));
    const dataKeyOf = await seal(sealerOf(), unsealed("?context.stage=prod"), "x");
    expect(sealerOf({ dataKeyOf }).permissions(targets, scope)).toEqual(needed("kms:Decrypt"));
    expect(sealerOf().permissions([], scope)).toEqual([]);
  });
});

describe.each([["kmsSealer", () => kmsSealer(), () => `kms::${key}`] as const, ...kinds])(
  "%s: what cannot be sealed",
  (name, sealerOf, unsealed) => {
    test.each<[string, string | Uint8Array, RegExp]>([
      ["nothing: it is a variable that was not set", "", /0 bytes/],
      ["no bytes", new Uint8Array(0), /0 bytes/],
      ["half a surrogate pair, which would come back as another character", "CANARY\ud800", /Unicode/],
    ])("%s", async (_, plaintext, message) => {
      const error = await errorOf(seal(sealerOf(), unsealed(), plaintext));
      expect(error).toMatchObject({ code: "ERR_SECRET_VALUE", message: expect.stringMatching(message) });
      expect((error as Error).stack).not.toContain("CANARY");
      expect(operations()).toEqual([]);
    });

    test("what is sealed, or of another scheme, or under a reserved pair", async () => {
      const other = name === "kmsfileSealer" ? `kms::${key}` : `kmsfile::${key}::a.txt`;
      const sealedAlready = await seal(sealerOf(), unsealed(), "x");
      for (const wrong of [
        sealedAlready,
        other,
        unsealed().replace("::", "-eu::"),
        `${unsealed()}?context.serverless-secrets=x`,
      ]) {
        expect(await errorOf(seal(sealerOf(), wrong, "x"))).toMatchObject({ code: "ERR_SECRET_REFERENCE" });
      }
    });
  },
);

test("a sealer for another account has a scheme of its own, and the provider of that scheme reads it", async () => {
  const envelope = await seal(envelopeSealer({ scheme: "kms-eu" }), `kms-eu::${key}?name=db`, "x");
  expect(await createResolver({ providers: [kms({ scheme: "kms-eu" })] }).resolve(envelope)).toBe("x");
  // What it is sealed with is the format, whatever the scheme is called: the same line opens as kms.
  expect(await resolve(envelope.replace("kms-eu", "kms"))).toBe("x");
});

test("a multi-Region key is called where the sealer is told, others where they are", async () => {
  const { arn } = aws.createKey({ multiRegion: true });
  const asked: string[] = [];
  const clients: AwsClients = async ({ region, input }) => {
    asked.push(region);
    return { ...input, CiphertextBlob: "d3JhcHBlZA==", Plaintext: Buffer.alloc(32, 1).toString("base64") };
  };
  const options = { clients, region: "eu-west-1", root };
  await seal(kmsSealer(options), `kms::${arn}`, "x");
  await seal(envelopeSealer(options), `kms::${arn}`, "x");
  await seal(kmsfileSealer(options), `kmsfile::${arn}::a.txt`, "x");
  await seal(envelopeSealer(options), `kms::${arn}?region=us-west-2`, "x");
  await seal(envelopeSealer(options), `kms::${key}`, "x");
  expect(asked).toEqual(["eu-west-1", "eu-west-1", "eu-west-1", "us-west-2", "us-east-1"]);
});

describe("the file that kmsfileSealer writes", () => {
  const sealFile = (path: string, value: string | Uint8Array = "x", from = root) =>
    seal(kmsfileSealer({ root: from }), `kmsfile::${key}::${path}`, value);

  test("stands below the root in folders that are made, and nothing beside it", async () => {
    const reference = await sealFile("certs/prod/server.pem", "a certificate");
    expect(reference).toMatch(/::1\.[\w-]+::certs\/prod\/server\.pem$/);
    expect(await resolve(reference)).toBe("a certificate");
    expect(await readdir(root, { recursive: true })).toEqual(["certs", "certs/prod", "certs/prod/server.pem"]);
  });

  test("shows nothing of the value", async () => {
    await sealFile("a.txt", "CANARY".repeat(20));
    expect((await readFile(join(root, "a.txt"))).includes("CANARY")).toBe(false);
  });

  test("replaces the one that was there whole; readers of the old one keep it", async () => {
    await sealFile("a.txt", "old");
    const { ino } = await lstat(join(root, "a.txt"));
    await sealFile("a.txt", "new");
    expect((await lstat(join(root, "a.txt"))).ino).not.toBe(ino);
    expect(await readdir(root)).toEqual(["a.txt"]);
  });

  test("goes through no link: one out of the root is refused before a folder is made there", async () => {
    const outside = join(folder, `outside-${roots}`);
    await mkdir(outside);
    await symlink(outside, join(root, "out"));
    for (const path of ["out/a.txt", "out/made/a.txt", "out/made/deep/a.txt"]) {
      expect(await errorOf(sealFile(path))).toMatchObject({
        code: "ERR_SECRET_REFERENCE",
        message: expect.stringMatching(/leads out of the root/),
      });
    }
    expect(await readdir(outside)).toEqual([]);
  });

  test("replaces a link in its place, and leaves alone what it led to", async () => {
    await writeFile(join(folder, "led-to"), "untouched");
    await symlink(join(folder, "led-to"), join(root, "a.txt"));
    expect(await resolve(await sealFile("a.txt", "sealed"))).toBe("sealed");
    expect(await readFile(join(folder, "led-to"), "utf8")).toBe("untouched");
    await symlink("a.txt", join(root, "within"));
    await expect(readlink(join(root, "a.txt"))).rejects.toMatchObject({ code: "EINVAL" });
  });

  test("is not left in part where it cannot be put in its place", async () => {
    await mkdir(join(root, "a.txt/full"), { recursive: true });
    expect(await errorOf(sealFile("a.txt"))).toMatchObject({ code: expect.stringMatching(/^E[A-Z]+$/) });
    expect(await readdir(root)).toEqual(["a.txt"]);
  });

  test("needs its root to be there: a misspelt one is not made", async () => {
    expect(await errorOf(sealFile("a.txt", "x", join(root, "misspelt")))).toMatchObject({ code: "ENOENT" });
    expect(await readdir(root)).toEqual([]);
  });

  test("has a path that can be read again", async () => {
    for (const path of ["../a.txt", "/a.txt", "a/../b", "a\\b", "a%252f..%252fb", "a::b"]) {
      expect(await errorOf(sealFile(path))).toMatchObject({ code: "ERR_SECRET_REFERENCE" });
    }
    expect(await readdir(root)).toEqual([]);
  });

  test("may be as large as what is read, and no larger", async () => {
    const largest = new Uint8Array(64 * 1_024 * 1_024 - 81);
    const reference = await sealFile("large", largest);
    const { length } = await createResolver({ providers: [kmsfile({ root })] }).resolve(bytes(reference));
    expect(length).toBe(largest.length);
    expect(await errorOf(sealFile("large", new Uint8Array(largest.length + 1)))).toMatchObject({
      code: "ERR_SECRET_VALUE",
      message: expect.stringMatching(/a file holds 1 to 67108783/),
    });
  });
});
