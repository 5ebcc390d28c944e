import { expect, test } from "@jest/globals";
import { bytes, createResolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import fc from "fast-check";
import { digests } from "../src/digest.ts";
import { credstash } from "../src/index.ts";
import { credstashSealer } from "../src/seal.ts";
import { type Item, memoryTable } from "./table.ts";

const reference = "credstash::db?region=us-east-1";

const context = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 });

test("any bytes, under any context and digest, come back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 3_000 }),
      fc.constantFrom(...digests),
      context,
      async (value, digest, pairs) => {
        const { clients } = memoryTable();
        const sealer = credstashSealer({ clients, digest });
        const options = Object.entries(pairs).map(
          ([name, text]) => `&context.${encodeURIComponent(name)}=${encodeURIComponent(text)}`,
        );
        const sealed = await seal(sealer, reference + options.join(""), value);
        const read = createResolver({ providers: [credstash({ clients })] });
        expect([...(await read.resolve(bytes(sealed)))]).toEqual([...value]);
      },
    ),
  );
});

/** Reads an item that a change was made to. */
async function changed(change: (item: Item) => void): Promise<unknown> {
  const table = memoryTable();
  await seal(credstashSealer({ clients: table.clients }), reference, "correct horse battery staple");
  change(table.items[0] as Item);
  return createResolver({ providers: [credstash({ clients: table.clients })] })
    .resolve(reference)
    .catch((error: unknown) => error);
}

const integrity = expect.objectContaining({ code: "ERR_SECRET_INTEGRITY" });

test("a bit flipped anywhere in an attribute is noticed", async () => {
  const text = (item: Item, name: string): Buffer => {
    const { S, B } = item[name] as { S?: string; B?: string };
    return S === undefined ? Buffer.from(B ?? "", "base64") : Buffer.from(S, name === "digest" ? "utf8" : "base64");
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("key", "contents", "hmac", "digest"),
      fc.nat(),
      fc.nat(7),
      async (name, at, bit) => {
        let same = false;
        const answer = await changed((item) => {
          const raw = text(item, name);
          raw[at % raw.length] = (raw[at % raw.length] as number) ^ (1 << bit);
          // The same MAC in capitals is the same MAC.
          same = name === "hmac" && raw.toString("latin1").toLowerCase() === text(item, name).toString("latin1");
          item[name] =
            name === "hmac"
              ? { B: raw.toString("base64") }
              : { S: raw.toString(name === "digest" ? "latin1" : "base64") };
        });
        expect(answer).toEqual(same ? "correct horse battery staple" : integrity);
      },
    ),
  );
});

test.each([
  ["key", {}],
  ["key", { S: "" }],
  ["key", { B: "AAAA" }],
  ["contents", { S: "not base64!" }],
  ["contents", { S: "" }],
  ["contents", { N: "1" }],
  ["hmac", { S: "" }],
  ["hmac", { S: "zz" }],
  ["hmac", { B: Buffer.from("the MAC's own bytes, not hex").toString("base64") }],
  ["hmac", { BOOL: "true" }],
  ["digest", { S: "SHA3" }],
  ["digest", { S: "toString" }],
  ["digest", { N: "256" }],
] as const)("an attribute %s of %j is refused, unquoted", async (name, value) => {
  const answer = await changed((item) => {
    item[name] = { ...value };
  });
  expect(answer).toEqual(integrity);
  // An empty text is of its form, but for a key.
  const empty = "S" in value && value.S === "" && name !== "key";
  expect(String(answer)).toContain(empty ? "HMAC does not verify" : `attribute "${name}"`);
  for (const text of Object.values(value)) if (text.length > 4) expect(String(answer)).not.toContain(text);
});

test("an HMAC in capitals is the same HMAC, as to the original", async () => {
  const answer = await changed((item) => {
    const hex = Buffer.from(item["hmac"]?.["B"] ?? "", "base64").toString();
    item["hmac"] = { S: hex.toUpperCase() };
  });
  expect(answer).toBe("correct horse battery staple");
});

test.each(["key", "contents", "hmac"])("an item without %s is refused", async (name) => {
  const answer = await changed((item) => {
    delete item[name];
  });
  expect(answer).toEqual(integrity);
});

test.each([0, 16, 32, 48, 63, 65, 128])("a data key of %i bytes is refused", async (length) => {
  const table = memoryTable();
  await seal(credstashSealer({ clients: table.clients }), reference, "x");
  const [wrapped = ""] = table.keys.keys();
  table.keys.set(wrapped, Buffer.alloc(length, 7).toString("base64"));
  const read = createResolver({ providers: [credstash({ clients: table.clients })] });
  await expect(read.resolve(reference)).rejects.toMatchObject({
    code: "ERR_SECRET_INTEGRITY",
    message: expect.stringContaining(`data key has ${length} bytes, not 64`),
  });
});
