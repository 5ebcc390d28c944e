import { beforeEach, describe, expect, test } from "@jest/globals";
import { bytes, createResolver, json, type SecretValue, type StandardSchema, text } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { canary, refusal } from "./canary.ts";

const stored: Record<string, SecretValue> = {};
const { resolve } = createResolver({ providers: [memory(stored)] });

/** Each test stores under a name of its own: what is cached is keyed by it. */
let tests = 0;
const store = (value: SecretValue, pointer = ""): string => {
  stored[`v${tests}`] = value;
  return `memory::v${tests}${pointer}`;
};
beforeEach(() => {
  tests += 1;
});

const utf8 = (value: string) => new TextEncoder().encode(value);

describe("text", () => {
  test("is what the store holds, of a string", async () => {
    expect(await resolve(store("s3cr3t\n"))).toBe("s3cr3t\n");
  });

  test("is UTF-8, of bytes", async () => {
    expect(await resolve(text(store(utf8("pässwörd 🔑"))))).toBe("pässwörd 🔑");
  });

  test("may be empty", async () => {
    expect(await resolve(store(""))).toBe("");
    expect(await resolve(bytes(store("")))).toEqual(new Uint8Array());
  });

  test("keeps a byte order mark", async () => {
    expect(await resolve(store(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)))).toBe("\uFEFFa");
  });

  test.each<[string, number[]]>([
    ["a stray continuation byte", [0x61, 0x80]],
    ["an overlong encoding", [0xc0, 0xaf]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["a truncated character", [0xf0, 0x9f, 0x94]],
  ])("refuses what is not UTF-8: %s", async (_what, tail) => {
    const error = await refusal(resolve(store(Uint8Array.from([...utf8(canary), ...tail]))));
    expect(error.code).toBe("ERR_SECRET_VALUE");
    expect(error.detail).toBe("the value is not UTF-8 text. Read it with bytes(reference).");
  });

  test.each<[unknown, string]>([
    ["a string", "a string"],
    ["", ""],
    [7.5, "7.5"],
    [null, "null"],
    [false, "false"],
    [{ b: [1, "x"] }, '{"b":[1,"x"]}'],
  ])("of the member %j is %j", async (member, expected) => {
    expect(await resolve(store(JSON.stringify({ member }), "#/member"))).toBe(expected);
  });

  test("of the whole document, by the empty pointer, is its JSON text", async () => {
    expect(await resolve(store('{ "a" : 1 }', "#"))).toBe('{"a":1}');
  });
});

describe("bytes", () => {
  test("are what the store holds", async () => {
    expect(await resolve(bytes(store(Uint8Array.of(0, 0xff, 0x80))))).toEqual(Uint8Array.of(0, 0xff, 0x80));
  });

  test("are UTF-8, of a string", async () => {
    expect(await resolve(bytes(store("ä")))).toEqual(Uint8Array.of(0xc3, 0xa4));
  });

  test("are the UTF-8 of what text would give, of a member", async () => {
    expect(await resolve(bytes(store('{"a":"ä","b":[1]}', "#/a")))).toEqual(Uint8Array.of(0xc3, 0xa4));
    expect(await resolve(bytes(store('{"a":"ä","b":[1]}', "#/b")))).toEqual(utf8("[1]"));
  });

  test("are a plain Uint8Array on memory of their own, also where the provider gives a piece of a pool", async () => {
    const pool = Buffer.from("neighbour secret neighbour");
    const value = await resolve(bytes(store(pool.subarray(10, 16))));
    expect(Buffer.isBuffer(value)).toBe(false);
    expect(value.buffer.byteLength).toBe(6);
  });

  test("are a copy at each reading: what one reader overwrites, the next one does not see", async () => {
    const secret = bytes(store(utf8("secret")));
    (await resolve(secret)).fill(0);
    (await resolve(secret)).fill(0);
    expect(await resolve(secret)).toEqual(utf8("secret"));
  });
});

describe("json", () => {
  test("is the document, or the member itself", async () => {
    expect(await resolve(json(store('{"a":{"b":[1]}}')))).toEqual({ a: { b: [1] } });
    expect(await resolve(json(store('{"a":{"b":[1]}}', "#/a/b")))).toEqual([1]);
    expect(await resolve(json(store('{"a":{"b":[1]}}', "#/a/b/0")))).toBe(1);
  });

  test("may be stored as bytes", async () => {
    expect(await resolve(json(store(utf8('["ä"]'))))).toEqual(["ä"]);
  });

  test("is frozen to its depth", async () => {
    const value = await resolve(json<{ a: { b: { c: number }[] } }>(store('{"a":{"b":[{"c":1}]}}')));
    expect([value, value.a, value.a.b, value.a.b[0]].every(Object.isFrozen)).toBe(true);
  });

  test("keeps members called __proto__ as members", async () => {
    const value = await resolve(json<object>(store('{"__proto__":{"admin":true}}')));
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect("admin" in value).toBe(false);
  });

  // V8 quotes the input of a failed JSON.parse, from its beginning or around the place.
  test.each([canary, `{"a": ${canary}}`, `{"a": 1} ${canary}`, `"${canary}`, `\uFEFF"${canary}"`, ""])(
    "refuses what is no JSON, quoting nothing: %j",
    async (value) => {
      const error = await refusal(resolve(json(store(value))));
      expect(error.code).toBe("ERR_SECRET_VALUE");
      expect(error.detail).toMatch(/^the value is not JSON\./);
      expect(error.cause).toBeUndefined();
    },
  );

  test("a pointer into what is no JSON is refused, also for text and bytes", async () => {
    const reference = store(canary, "#/a");
    for (const secret of [text(reference), bytes(reference), json(reference)]) {
      expect((await refusal(resolve(secret))).detail).toMatch(/^the value is not JSON\./);
    }
  });

  test("a member that is not there is refused, by the pointer's name alone", async () => {
    const reference = store(JSON.stringify({ password: canary }), "#/Password");
    for (const secret of [text(reference), bytes(reference), json(reference)]) {
      const error = await refusal(resolve(secret));
      expect(error.code).toBe("ERR_SECRET_VALUE");
      expect(error.detail).toBe(
        "the value has no member at #/Password. Correct the pointer (case counts) or what is stored.",
      );
    }
  });
});

describe.each<[string, StandardSchema<{ user: string; port: number; hosts: string[] }>]>([
  ["zod", z.object({ user: z.string().max(9), port: z.number(), hosts: z.array(z.string().max(9)) })],
  [
    "valibot",
    v.object({
      user: v.pipe(v.string(), v.maxLength(9)),
      port: v.number(),
      hosts: v.array(v.pipe(v.string(), v.maxLength(9))),
    }),
  ],
  ["arktype", type({ user: "string <= 9", port: "number", hosts: "(string <= 9)[]" })],
])("json with a schema of %s", (_vendor, schema) => {
  test("gives what the schema makes of it, frozen to its depth", async () => {
    const value = await resolve(json(store('{"user":"me","port":1,"hosts":["a"]}'), schema));
    expect(value).toEqual({ user: "me", port: 1, hosts: ["a"] });
    expect([value, value.hosts].every(Object.isFrozen)).toBe(true);
  });

  test("is refused by where, not by what: the issues' paths alone", async () => {
    const value = JSON.stringify({ user: canary, port: canary, hosts: ["a", canary] });
    const error = await refusal(resolve(json(store(value), schema)));
    expect(error.code).toBe("ERR_SECRET_VALUE");
    expect(error.detail.replace(/: .*/, "")).toBe("its schema refuses the value at");
    expect(error.detail.match(/\/[\w/]+/g)?.sort()).toEqual(["/hosts/1", "/port", "/user"]);
  });

  test("is refused as a whole where it is no object at all", async () => {
    const error = await refusal(resolve(json(store(JSON.stringify(canary)), schema)));
    expect(error.detail).toBe("its schema refuses the value at: the value itself.");
  });

  test("checks the pointed member alone", async () => {
    const value = { db: { user: "me", port: 1, hosts: [] }, other: canary };
    expect(await resolve(json(store(JSON.stringify(value), "#/db"), schema))).toEqual(value.db);
  });
});

describe("a schema", () => {
  const schemaOf = <T>(validate: StandardSchema<T>["~standard"]["validate"]): StandardSchema<T> => ({
    "~standard": { version: 1, vendor: "test", validate },
  });

  test("may make another value of it", async () => {
    const date = z.string().transform((at) => new Date(at));
    const value = await resolve(json(store('"2030-01-01T00:00:00.000Z"'), date));
    expect(value.getUTCFullYear()).toBe(2030);
  });

  test("may be asynchronous, to give a value", async () => {
    const schema = z.string().refine(async () => true);
    expect(await resolve(json(store('"a"'), schema))).toBe("a");
  });

  test("may be asynchronous, to refuse one", async () => {
    const schema = z.object({ token: z.string().refine(async () => false, `refused ${canary}`) });
    const error = await refusal(resolve(json(store(JSON.stringify({ token: canary })), schema)));
    expect(error.code).toBe("ERR_SECRET_VALUE");
    expect(error.detail).toBe("its schema refuses the value at: /token.");
  });

  test.each<[string, (value: unknown) => never | Promise<never>]>([
    [
      "throws",
      (value) => {
        throw new Error(`no ${value}`);
      },
    ],
    ["rejects", async (value) => Promise.reject(new Error(`no ${value}`))],
  ])("that %s is refused, without its message", async (_how, validate) => {
    const error = await refusal(resolve(json(store(JSON.stringify(canary)), schemaOf(validate))));
    expect(error.code).toBe("ERR_SECRET_VALUE");
    expect(error.detail).toBe("its schema threw instead of giving a result.");
  });

  test("is called as the method that it is", async () => {
    const standard = {
      version: 1 as const,
      vendor: "test",
      wanted: "a",
      validate(value: unknown) {
        return value === this.wanted ? { value: "as wanted" } : { issues: [] };
      },
    };
    expect(await resolve(json(store('"a"'), { "~standard": standard }))).toBe("as wanted");
  });

  test("runs once for each fetched value, not at each reading", async () => {
    let runs = 0;
    const secret = json(
      store('"a"'),
      z.string().transform((value) => {
        runs += 1;
        return [value];
      }),
    );
    expect(await resolve(secret)).toBe(await resolve(secret));
    expect(runs).toBe(1);
  });

  test("is kept apart from another schema of the same reference", async () => {
    const reference = store('"7"');
    expect(await resolve(json(reference, z.string()))).toBe("7");
    expect(await resolve(json(reference, z.coerce.number()))).toBe(7);
    expect(await resolve(json(reference))).toBe("7");
  });

  test("that freezes its result at the surface does not stop the freezing below", async () => {
    const schema = z.object({ inner: z.object({ a: z.string() }) }).readonly();
    const value = await resolve(json(store('{"inner":{"a":"x"}}'), schema));
    expect(Object.isFrozen(value.inner)).toBe(true);
  });

  test("may give a value that contains itself", async () => {
    const schema = z.object({ self: z.unknown() }).transform((value) => {
      value.self = value;
      return value;
    });
    const value = await resolve(json(store('{"self":0}'), schema));
    expect(value.self).toBe(value);
    expect(Object.isFrozen(value)).toBe(true);
  });

  test("may give dates, maps and instances of classes, which stay as they are", async () => {
    class Connection {
      uses = 0;
    }
    const made = { connection: new Connection(), seen: new Map([["a", {}]]), raw: new Uint8Array(1) };
    const value = await resolve(
      json(
        store("0"),
        schemaOf(() => ({ value: made })),
      ),
    );
    value.connection.uses += 1;
    value.raw[0] = 1;
    expect([Object.isFrozen(value), Object.isFrozen(value.connection), Object.isFrozen(value.seen)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
