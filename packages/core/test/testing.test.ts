import { describe, expect, test } from "@jest/globals";
import { bytes, createResolver, json, type Provider, SecretError, type Target, text } from "@serverless-secrets/core";
import {
  type ConformanceSubject,
  memory,
  providerConformance,
  withFakeSecrets,
} from "@serverless-secrets/core/testing";
import { z } from "zod";
import { refusal } from "./canary.ts";

describe("memory()", () => {
  test("keeps values by name, pinned ones by name and version, and tells what it was asked", async () => {
    const provider = memory({ a: "x", "a::1": "one", b: Uint8Array.of(1) });
    const { resolve } = createResolver({ providers: [provider] });
    expect([await resolve("memory::a"), await resolve("memory::a::1")]).toEqual(["x", "one"]);
    expect(await resolve(bytes("memory::b"))).toEqual(Uint8Array.of(1));
    expect(provider.calls).toEqual([["a"], ["a::1"], ["b"]]);
  });

  test("brings as many in one call as it is told", async () => {
    const provider = memory({ a: "x", b: "y", c: "z" }, { scheme: "m", batchSize: 2 });
    const { resolveAll } = createResolver({ providers: [provider] });
    const { a, b, c } = await resolveAll({ a: "m::a", b: "m::b", c: "m::c" });
    expect([a, b, c, provider.calls]).toEqual(["x", "y", "z", [["a", "b"], ["c"]]]);
  });

  test.each([undefined, 10])("fails as told, each alone (batches of %p)", async (batchSize) => {
    const provider = memory(
      { a: "x", broken: new SecretError("ERR_SECRET_UNAVAILABLE", "out of reach.") },
      batchSize === undefined ? {} : { batchSize },
    );
    const error = await refusal(
      createResolver({ providers: [provider] }).resolveAll({
        a: "memory::a",
        broken: "memory::broken",
        none: "memory::none",
        inherited: "memory::toString",
      }),
    );
    expect(error.errors?.map(({ secretName, code }) => `${secretName} ${code}`)).toEqual([
      "broken ERR_SECRET_UNAVAILABLE",
      "none ERR_SECRET_NOT_FOUND",
      "inherited ERR_SECRET_NOT_FOUND",
    ]);
  });
});

describe("withFakeSecrets()", () => {
  const provider = memory({ a: "real", doc: '{"user":"real"}' });
  const { resolve, resolveAll, prepare } = createResolver({ providers: [provider] });
  const prepared = prepare({ a: "memory::a" });
  const calls = () => provider.calls.length;

  test("throws an Error that stands in the place of a secret: so that failing is tested too", async () => {
    const denied = new SecretError("ERR_SECRET_ACCESS_DENIED", "refused.");
    const error = await withFakeSecrets({ "memory::a": denied }, () => resolveAll({ db: "memory::a" }).catch((e) => e));
    expect(error).toMatchObject({ code: "ERR_SECRET_ACCESS_DENIED", secretName: "db" });
  });

  test("puts values in the place of secrets, also for what was prepared before", async () => {
    await withFakeSecrets({ "memory::a": "fake" }, async () => {
      expect(await resolve("memory::a")).toBe("fake");
      expect(await resolve(text("memory::a"))).toBe("fake");
      expect((await resolveAll({ a: "memory::a" })).a).toBe("fake");
      expect(prepared.current()).toBeUndefined();
      expect((await prepared.load()).a).toBe("fake");
    });
    expect(calls()).toBe(0);
  });

  test("though they be cached: current() gives no real value", async () => {
    const own = createResolver({ providers: [memory({ a: "real" })] }).prepare({ a: "memory::a" });
    await own.load();
    await withFakeSecrets({ "memory::a": "fake" }, async () => {
      expect(own.current()).toBeUndefined();
      expect((await own.load()).a).toBe("fake");
    });
    expect(own.current()?.a).toBe("real");
  });

  test("gives what its function gives, and throws what it throws", async () => {
    expect(await withFakeSecrets({}, () => 7)).toBe(7);
    await expect(withFakeSecrets({}, () => Promise.reject(new RangeError("mine")))).rejects.toThrow("mine");
    await expect(
      withFakeSecrets({}, () => {
        throw new RangeError("mine");
      }),
    ).rejects.toThrow("mine");
  });

  test("a fake of the whole is read as the store's value would be: pointers, schemas, bytes", async () => {
    const db = { user: "me", port: 7 };
    await withFakeSecrets({ "memory::doc": db, "memory::b": Uint8Array.of(0xff) }, async () => {
      expect(await resolve("memory::doc")).toBe('{"user":"me","port":7}');
      expect(await resolve("memory::doc#/user")).toBe("me");
      expect(await resolve("memory::doc#/port")).toBe("7");
      expect(await resolve(json("memory::doc", z.object({ port: z.number() })))).toEqual({ port: 7 });
      expect(await resolve(json("memory::doc#/port"))).toBe(7);
      expect(await resolve(json("memory::doc#"))).toEqual(db);
      expect(await resolve(bytes("memory::b"))).toEqual(Uint8Array.of(0xff));
      expect((await refusal(resolve("memory::doc#/none"))).code).toBe("ERR_SECRET_VALUE");
      expect((await refusal(resolve("memory::b"))).code).toBe("ERR_SECRET_VALUE");
    });
  });

  test("a fake of a member stands for that member, before one of the whole", async () => {
    const fakes = {
      "memory::doc": { user: "whole" },
      "memory::doc#/user": "member",
      "memory::doc#/cfg": { port: 7 },
      "memory::doc#/raw": Uint8Array.of(0x61),
      "memory::doc#": "the document itself",
    };
    await withFakeSecrets(fakes, async () => {
      expect(await resolve("memory::doc#/user")).toBe("member");
      expect(await resolve(json("memory::doc#/user", z.string()))).toBe("member");
      expect(await resolve(json("memory::doc#/cfg"))).toEqual({ port: 7 });
      expect(await resolve("memory::doc#/cfg")).toBe('{"port":7}');
      expect(await resolve("memory::doc#/raw")).toBe("a");
      expect(await resolve("memory::doc#")).toBe("the document itself");
      expect(await resolve(json("memory::doc"))).toEqual({ user: "whole" });
    });
  });

  test("fails closed for a reference that is not among them, though it be cached", async () => {
    await resolve("memory::a");
    const before = calls();
    await withFakeSecrets({ "memory::other": "x", "memory::a#/b": "x" }, async () => {
      const error = await refusal(resolveAll({ db: "memory::a" }));
      expect([error.code, error.secretName]).toEqual(["ERR_SECRET_NOT_FOUND", "db"]);
      expect(error.detail).toContain("withFakeSecrets was given no value for this reference");
      expect((await refusal(resolve("memory::toString"))).code).toBe("ERR_SECRET_NOT_FOUND");
    });
    expect(calls()).toBe(before);
  });

  test("refuses what the real thing would refuse: references, schemes, bound names", async () => {
    const fakes = { nonsense: "x", "other::a": "x", "memory::a?name=b": "x" };
    await withFakeSecrets(fakes, async () => {
      expect((await refusal(resolve("nonsense"))).code).toBe("ERR_SECRET_REFERENCE");
      expect((await refusal(resolve("other::a"))).code).toBe("ERR_SECRET_SCHEME");
      expect((await refusal(resolveAll({ a: "memory::a?name=b" }))).code).toBe("ERR_SECRET_INTEGRITY");
    });
  });

  test("leaves nothing behind: no cache, nothing prepared", async () => {
    const own = memory({ a: "real" });
    const resolver = createResolver({ providers: [own] });
    const kept = resolver.prepare({ a: "memory::a" });
    await withFakeSecrets({ "memory::a": "fake" }, () => Promise.all([kept.load(), resolver.resolve("memory::a")]));
    expect(kept.current()).toBeUndefined();
    expect([await resolver.resolve("memory::a"), kept.current()?.a, (await kept.load()).a]).toEqual(
      Array(3).fill("real"),
    );
  });

  test("tests that run at the same time keep apart, and from what runs beside them", async () => {
    const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const one = async (name: string, ms: number) =>
      withFakeSecrets({ "memory::a": name }, async () => {
        await wait(ms);
        const first = await resolve("memory::a");
        await wait(ms);
        return [first, (await prepared.load()).a];
      });
    const all = await Promise.all([
      one("one", 9),
      one("two", 3),
      one("three", 6),
      wait(5).then(() => resolve("memory::a")),
    ]);
    expect(all).toEqual([["one", "one"], ["two", "two"], ["three", "three"], "real"]);
  });

  test("an inner one stands alone while it runs, and the outer one after it", async () => {
    await withFakeSecrets({ "memory::a": "outer", "memory::b": "outer" }, async () => {
      await withFakeSecrets({ "memory::a": "inner" }, async () => {
        expect(await resolve("memory::a")).toBe("inner");
        expect((await refusal(resolve("memory::b"))).code).toBe("ERR_SECRET_NOT_FOUND");
      });
      expect([await resolve("memory::a"), await resolve("memory::b")]).toEqual(["outer", "outer"]);
    });
  });
});

const subjectOf = (provider: Provider, more: Partial<ConformanceSubject> = {}): ConformanceSubject => ({
  provider,
  existing: [
    { reference: "memory::a", value: "value of a" },
    { reference: "memory::b::2", value: Uint8Array.from(Buffer.from("value of b")) },
    { reference: "memory::c", value: "value of c" },
  ],
  missing: "memory::absent",
  malformed: ["memory::malformed-ref?bogus=option-text"],
  ...more,
});
const values = { a: "value of a", "b::2": Buffer.from("value of b"), c: "value of c" };

describe("the conformance suite passes memory()", () => {
  providerConformance(test, () => subjectOf(memory(values)));
});

describe("the conformance suite passes memory() with batches", () => {
  providerConformance(test, () => subjectOf(memory(values, { batchSize: 2 })));
});

describe("the conformance suite", () => {
  /** Runs the suite with a runner of its own; gives the names of the tests that fail. */
  async function failuresOf(subject: ConformanceSubject): Promise<string[]> {
    const tests: { name: string; run: () => Promise<void> }[] = [];
    providerConformance(
      (name, run) => tests.push({ name, run }),
      () => subject,
    );
    const failures: string[] = [];
    for (const { name, run } of tests) await run().catch(() => failures.push(name));
    return failures;
  }

  const breaking = (change: (good: ReturnType<typeof memory>) => Partial<Provider>, batchSize?: number): Provider => {
    const good = memory(values, batchSize === undefined ? {} : { batchSize });
    return { ...good, ...change(good) };
  };
  let count = 0;
  const next = () => {
    count += 1;
    return count;
  };
  const never = () => new Promise<never>(() => {});
  const valueBy = (id: string) => (values as Record<string, string | Buffer>)[id] as string;

  test("passes a frozen provider, as it passes one that is not", async () => {
    expect(await failuresOf(subjectOf(Object.freeze(memory(values, { batchSize: 3 }))))).toEqual([]);
  });

  test.each<[how: string, provider: Provider, failures: string[]]>([
    [
      "parses otherwise each time",
      breaking((good) => ({ parse: (reference) => ({ ...good.parse(reference), batch: `${next()}` }) })),
      ["it parses purely"],
    ],
    ["has a scheme that is none", breaking(() => ({ scheme: "Memory" })), ["it parses purely"]],
    [
      "accepts what is malformed, and any option",
      breaking(() => ({ parse: ({ ref, payload }) => ({ id: payload ? `${ref}::${payload}` : ref, pinned: false }) })),
      ["it refuses a malformed reference", "it refuses an option that it does not know"],
    ],
    [
      "quotes what it refuses",
      breaking((good) => ({
        parse(reference) {
          try {
            return good.parse(reference);
          } catch {
            const said = [reference.ref, ...reference.options.values()].join();
            throw new SecretError("ERR_SECRET_REFERENCE", `what is ${said}?`);
          }
        },
      })),
      ["it refuses a malformed reference", "it refuses an option that it does not know"],
    ],
    [
      "refuses with a foreign error",
      breaking((good) => ({
        parse(reference) {
          if ([...reference.options.keys()].length > 0) throw new TypeError("no");
          return good.parse(reference);
        },
      })),
      ["it refuses a malformed reference", "it refuses an option that it does not know"],
    ],
    [
      "takes two secrets for one",
      breaking((good) => ({
        parse: (reference) => ({ ...good.parse(reference), ...(reference.ref === "c" && { id: "a" }) }),
      })),
      ["it gives each secret its own value"],
    ],
    [
      "mixes up the values of a batch",
      breaking(
        ({ batch }) => ({
          batch: {
            size: 3,
            async fetch(targets: readonly Target[], call) {
              const found = await (batch as NonNullable<typeof batch>).fetch(targets, call);
              return new Map(targets.map(({ id }, i) => [id, [...found.values()].at(i - 1) as string]));
            },
          },
        }),
        3,
      ),
      ["many at once keep their values apart"],
    ],
    [
      "refuses every batch",
      breaking(() => ({ batch: { size: 3, fetch: () => Promise.reject(new Error("no")) } }), 3),
      ["many at once keep their values apart, and cost as few calls as it allows"],
    ],
    [
      "is another secret at each parse",
      breaking((good) => ({
        parse(reference) {
          const target = good.parse(reference);
          return { ...target, id: `${target.id} ${next()}` };
        },
        async fetch({ id }) {
          const value = valueBy(id.split(" ")[0] as string);
          if (value === undefined) throw new SecretError("ERR_SECRET_NOT_FOUND", "gone.");
          return value;
        },
      })),
      ["it parses purely", "a hundred readers of one secret are one call"],
    ],
    [
      "gives an empty text for what is not there",
      breaking(() => ({ fetch: async ({ id }) => valueBy(id) ?? "" })),
      ["what is not there fails alone"],
    ],
    [
      "throws a foreign error for what is not there",
      breaking(() => ({ fetch: async ({ id }) => valueBy(id).slice() })),
      ["what is not there fails alone"],
    ],
    [
      "has the whole batch fail for what is not there, and each of it",
      breaking(
        (good) => ({
          batch: {
            size: 9,
            fetch: async () => Promise.reject(new SecretError("ERR_SECRET_UNAVAILABLE", "one of them.")),
          },
          fetch: good.fetch,
        }),
        9,
      ),
      ["many at once keep their values apart", "what is not there fails alone"],
    ],
    [
      "shows its other values in an error",
      breaking((good) => ({
        fetch: (target, call) =>
          good.fetch(target, call).catch(() => {
            throw new SecretError("ERR_SECRET_NOT_FOUND", `there are only ${Object.values(values)}.`);
          }),
      })),
      ["what is not there fails alone, with a clear error that shows no value"],
    ],
    [
      "goes on for ever when aborted",
      breaking((good) => ({ fetch: (target, call) => (call.signal.aborted ? never() : good.fetch(target, call)) })),
      ["an aborted fetch settles"],
    ],
    [
      "asks for other permissions each time",
      breaking(() => ({
        permissions: (targets) => (targets.length === 0 ? [] : [{ actions: ["s:Get"], resources: [`${next()}`] }]),
      })),
      ["its permissions are pure"],
    ],
    [
      "asks for permissions for nothing",
      breaking(() => ({ permissions: () => [{ actions: ["s:Get"], resources: ["*"] }] })),
      ["its permissions are pure"],
    ],
    [
      "asks for an action that is none",
      breaking(() => ({ permissions: (targets) => targets.map(() => ({ actions: ["Get"], resources: ["*"] })) })),
      ["its permissions are pure"],
    ],
    [
      "asks for an action on nothing",
      breaking(() => ({ permissions: (targets) => targets.map(() => ({ actions: ["s:Get"], resources: [] })) })),
      ["its permissions are pure"],
    ],
    [
      "shows a value in its permissions",
      breaking(() => ({
        permissions: (targets) =>
          targets.map(({ id }) => ({ actions: ["s:Get"], resources: [valueBy(id).toString()] })),
      })),
      ["its permissions are pure, well formed, and hold no value"],
    ],
  ])("finds that a provider %s", async (_how, provider, failures) => {
    const subject = subjectOf(provider);
    const found = await failuresOf(subject);
    for (const failure of failures) expect(found).toContainEqual(expect.stringContaining(failure));
    expect(found.length).toBeLessThan(6);
  });

  test("needs two secrets at least", async () => {
    const [first] = subjectOf(memory(values)).existing;
    const found = await failuresOf(subjectOf(memory(values), { existing: first === undefined ? [] : [first] }));
    expect(found).toEqual(["it gives each secret its own value"]);
  });

  test("takes secrets that are bound to a name", async () => {
    const existing = ["a", "c"].map((name) => ({
      reference: `memory::${name}?name=${name}`,
      value: `value of ${name}`,
    }));
    const provider = { ...memory(values) };
    expect(await failuresOf(subjectOf(provider, { existing }))).toEqual([]);
  });
});
