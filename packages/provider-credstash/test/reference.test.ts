import { describe, expect, test } from "@jest/globals";
import { formatReference, parseReference } from "@serverless-secrets/core";
import fc from "fast-check";
import { type CredstashOptions, credstash } from "../src/index.ts";

const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const parse = (reference: string, options?: CredstashOptions) => credstash(options).parse(parseReference(reference));

describe("what a credstash reference means", () => {
  test("a name alone is its highest version in credential-store, where the environment says", () => {
    expect(parse("credstash::db")).toEqual({
      id: '["","credential-store","db","","","",[]]',
      pinned: false,
      name: "db",
      version: undefined,
      table: "credential-store",
      region: undefined,
      keyArn: undefined,
      kmsRegion: undefined,
      context: {},
    });
  });

  test("a version is pinned, padded to 19 digits, and shares a batch with its table's", () => {
    for (const version of ["3", "03", "0000000000000000003"]) {
      const target = parse(`credstash::db::${version}`);
      expect(target).toMatchObject({ version: "0000000000000000003", pinned: true, batch: '["","credential-store"]' });
      expect(target.id).toBe(parse("credstash::db::3").id);
    }
    expect(parse("credstash::db::9223372036854775807").version).toBe("9223372036854775807");
  });

  test("19 characters or more stand as they are, as the original reads them", () => {
    for (const version of ["v2026-11-21T00:00:00", "92233720368547758070", "0000000000000000foo"]) {
      expect(parse(`credstash::db::${version}`).version).toBe(version);
    }
  });

  test.each([
    ["the key's ARN", `credstash::db?region=eu-west-1&key=${keyArn}`, "us-west-1"],
    ["the key's ARN before the option", `credstash::db?key=${keyArn}`, "us-west-1"],
    ["the option", "credstash::db?region=eu-west-1", "eu-central-1"],
  ])("KMS is called in the region of %s", (_, reference, region) => {
    expect(parse(reference, { region: "us-east-2", kmsRegion: "eu-central-1" }).kmsRegion).toBe(region);
  });

  test("the table's region is that of the reference, else of the option", () => {
    expect(parse("credstash::db?region=eu-west-1", { region: "us-east-2" }).region).toBe("eu-west-1");
    expect(parse("credstash::db", { region: "us-east-2" }).region).toBe("us-east-2");
  });

  test("the order of options does not matter", () => {
    const one = parse("credstash::db::1?table=prod&context.stage=prod&context.app=shop&name=db");
    const two = parse("credstash::db::1?name=db&context.app=shop&context.stage=prod&table=prod");
    expect(one.context).toEqual({ app: "shop", stage: "prod" });
    expect(one.id).toBe(two.id);
  });

  test("a pointer and a bound name are no part of what is fetched", () => {
    expect(parse("credstash::db?name=db#/password").id).toBe(parse("credstash::db").id);
  });

  test("any name that credstash takes is taken", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), (name) => {
        const text = formatReference({ scheme: "credstash", ref: name, options: new Map() });
        expect(parse(text).name).toBe(name);
      }),
    );
  });

  test("nothing of a reference shares a cache entry with anything else", () => {
    const part = fc.constantFrom("a", "b", '","', "[]", "a,b");
    const reference = fc.record({
      name: part,
      table: fc.constantFrom("aaa", "bbb"),
      context: fc.dictionary(part, part),
    });
    const idOf = ({ name, table, context }: { name: string; table: string; context: Record<string, string> }) =>
      credstash().parse({
        scheme: "credstash",
        ref: name,
        options: new Map([["table", table], ...Object.entries(context).map(([k, v]) => [`context.${k}`, v] as const)]),
      }).id;
    const canonical = ({ name, table, context }: { name: string; table: string; context: Record<string, string> }) =>
      JSON.stringify([name, table, Object.entries(context).sort()]);
    fc.assert(
      fc.property(reference, reference, (a, b) => {
        expect(idOf(a) === idOf(b)).toBe(canonical(a) === canonical(b));
      }),
    );
  });
});

describe("what is refused, and not quoted", () => {
  test.each([
    ["a version that is no number", "credstash::db::latest-canary", /digits/],
    ["a version with a sign", "credstash::db::-1", /digits/],
    ["a version over 1,024 bytes", `credstash::db::${"1".repeat(1_025)}`, /1024/],
    ["a name over 2,048 bytes", `credstash::${"canary".repeat(400)}`, /2048/],
    ["half a surrogate pair", "credstash::db\ud83d", /Unicode/],
    ["a table that is none", "credstash::db?table=../canary", /\?table=/],
    ["a region that is none", "credstash::db?region=canary@evil.example", /\?region=/],
    ["a key by its alias", "credstash::db?key=arn:aws:kms:us-west-1:111122223333:alias/canary", /describe-key/],
    ["a key that is no ARN", "credstash::db?key=canary", /\?key=/],
    ["an option that it does not know", "credstash::db?digest=canary", /table, key, context\.NAME/],
  ])("%s", (_, reference, message) => {
    let error: unknown;
    try {
      parse(reference);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "ERR_SECRET_REFERENCE", message: expect.stringMatching(message) });
    expect((error as Error).message).not.toContain("canary");
  });
});
