import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { bytes, createResolver, json, reveal, text } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { canary } from "./canary.ts";
import { shown, ways } from "./showing.ts";

const strangeNames = [
  "__proto__",
  "constructor",
  "toString",
  "valueOf",
  "then",
  "toJSON",
  "inspect",
  "length",
  "0",
  "",
];
const { resolveAll } = createResolver({
  providers: [memory({ text: canary, bytes: Buffer.from("bytes"), json: '{"a":{"b":1}}' })],
});
const secrets = await resolveAll({ db: "memory::text", key: bytes("memory::bytes"), cfg: json("memory::json") });
const strange = await resolveAll(Object.fromEntries(strangeNames.map((name) => [name, "memory::text"])));

describe("resolved secrets show nothing", () => {
  const controls = shown({ db: canary }, [canary]).leaks;

  test.each(ways)("%s", (name) => {
    const [way] = ways.filter(([other]) => other === name);
    const context = { awsRequestId: "1", secrets, strange, nested: { list: [secrets] } };
    for (const object of [secrets, strange, context]) {
      let output = "";
      try {
        output = String(way?.[1](object));
      } catch (error) {
        // What makes a primitive of it is refused by the language.
        expect(String(error)).toMatch(/Cannot convert object to primitive value/);
      }
      expect(output).not.toContain(canary);
    }
  });

  test("in these ways of showing, which do show the values of a plain object", () => {
    expect(ways.map(([name]) => name).filter((name) => !controls.includes(name))).toEqual([
      "format %d",
      "Object.keys",
      "Reflect.ownKeys",
    ]);
  });

  test("in a node of its own either: not they, nor a context, nor what they were made by", async () => {
    const script = fileURLToPath(new URL("./fixtures/show.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    const { read, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({
      blind: ["format %d", "Object.keys", "Reflect.ownKeys"],
      secrets: { leaks: [], throws: [] },
      context: { leaks: [], throws: [] },
      prepared: [],
      resolver: [],
    });
    expect(new Set(read)).toEqual(new Set(["string", "object"]));
  }, 30_000);
});

describe("resolved secrets can be read", () => {
  test("by name and by destructuring", () => {
    const { db, cfg } = secrets;
    expect([db, secrets.db, cfg]).toEqual([canary, canary, { a: { b: 1 } }]);
  });

  test.each(strangeNames)("under the name %j", (name) => {
    expect(strange[name]).toBe(canary);
  });

  test("under no other name", () => {
    for (const name of strangeNames) expect(Reflect.get(secrets, name)).toBeUndefined();
    expect("db" in secrets).toBe(true);
    expect("token" in secrets).toBe(false);
  });

  test("and can be awaited with a secret called then", async () => {
    expect(await strange).toBe(strange);
  });

  test("but not written, extended, redefined or deleted", () => {
    const target = secrets as { db: string; other?: string };
    expect(() => (target.db = "x")).toThrow(TypeError);
    expect(() => (target.other = "x")).toThrow(TypeError);
    expect(() => Object.defineProperty(target, "db", { value: "x" })).toThrow(TypeError);
    expect(() => Object.defineProperty(Object.getPrototypeOf(target), "db", { value: "x" })).toThrow(TypeError);
    expect(() => Object.setPrototypeOf(target, {})).toThrow(TypeError);
    expect(secrets.db).toBe(canary);
  });

  test("bytes are a copy at each reading", () => {
    secrets.key.fill(0);
    expect(secrets.key).not.toBe(secrets.key);
    expect(Buffer.from(secrets.key).toString()).toBe("bytes");
  });
});

describe("reveal", () => {
  test("gives a plain copy that spreads, enumerates and can be written", () => {
    const plain = reveal(secrets);
    expect({ ...plain }).toEqual({ db: canary, key: new Uint8Array(Buffer.from("bytes")), cfg: { a: { b: 1 } } });
    plain.db = "other";
    plain.key.fill(0);
    expect([secrets.db, Buffer.from(secrets.key).toString()]).toEqual([canary, "bytes"]);
  });

  test("keeps the order of the names, and strange names as own members", () => {
    expect(Object.keys(reveal(strange))).toEqual(["0", ...strangeNames.filter((name) => name !== "0")]);
    expect(Object.values(reveal(strange))).toEqual(strangeNames.map(() => canary));
    expect(Object.getPrototypeOf(reveal(strange))).toBe(Object.prototype);
  });

  test("copies a plain object as it is, such as a test's own context", () => {
    const given = { db: "x", constructor: "y" };
    expect(reveal(given)).toEqual(given);
    expect(reveal(given)).not.toBe(given);
    expect(reveal({})).toEqual({});
  });

  test("shows no $schema", async () => {
    expect(reveal(await resolveAll({ a: text("memory::text"), $schema: "ignored" }))).toEqual({ a: canary });
  });
});
