import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  bytes,
  createResolver,
  json,
  type ResolverOptions,
  type Secret,
  SecretError,
  text,
} from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { z } from "zod";
import { canary, refusal, thrown } from "./canary.ts";
import { pass, settle, stopClock } from "./clock.ts";
import { references } from "./scripted.ts";
import { denied, foreign, notFound, oneValue, script, unavailable } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("one fetch serves all who ask", () => {
  test("100 at once are one call", async () => {
    const { resolve, provider } = oneValue();
    const all = await Promise.all(Array.from({ length: 100 }, () => resolve("memory::a")));
    expect(new Set(all)).toEqual(new Set(["first"]));
    expect(provider.calls).toEqual([["a"]]);
  });

  test("who asks while a call is under way joins it", async () => {
    const { resolve, provider } = script();
    const early = resolve("s::a");
    await pass(5_000);
    const late = resolve("s::a");
    provider.last().answer("x");
    expect([await early, await late, provider.asked.length]).toEqual(["x", "x", 1]);
  });

  test("every pointer and reading of one secret shares it", async () => {
    const { resolve, resolveAll, provider } = script();
    const all = Promise.all([
      resolveAll({ user: "s::a#/user", whole: json("s::a"), raw: bytes("s::a"), port: json("s::a#/port", z.number()) }),
      resolve("s::a?region=x#/user"),
    ]);
    await settle();
    provider.last().answer('{"user":"me","port":1}');
    const [{ user, whole, port }, other] = await all;
    expect([user, whole, port, other, provider.asked.length]).toEqual(["me", { user: "me", port: 1 }, 1, "me", 1]);
  });

  test("resolvers of one provider share it, and the cache; another provider object has its own", async () => {
    const provider = memory({ a: "x" });
    const [one, two] = [createResolver({ providers: [provider] }), createResolver({ providers: [provider] })];
    await Promise.all([one.resolve("memory::a"), two.resolve("memory::a")]);
    await two.resolve("memory::a");
    expect(provider.calls.length).toBe(1);
    const other = memory({ a: "y" });
    expect(await createResolver({ providers: [other] }).resolve("memory::a")).toBe("y");
  });
});

describe("warm", () => {
  test("the same promise is given at each call", async () => {
    const { resolve } = oneValue();
    await resolve("memory::a");
    expect(resolve("memory::a")).toBe(resolve("memory::a"));
  });

  test("the same promise is given for equal secrets made anew, with one schema", async () => {
    const schema = z.string();
    const { resolve } = createResolver({ providers: [memory({ a: '"x"' })] });
    await resolve(json("memory::a", schema));
    expect(resolve(json("memory::a", schema))).toBe(resolve(json("memory::a", schema)));
    expect(await resolve(json("memory::a", schema))).toBe("x");
  });

  test("more references than it keeps parsed are read all the same", async () => {
    const { resolve } = script({ reply: ({ ids, answer }) => answer(`value of ${ids[0]}`) });
    for (const reference of references(2_100)) expect(await resolve(reference)).toBe(`value of ${reference.slice(3)}`);
  });
});

describe("open", () => {
  const opening = (open: (target: { id: string; part?: string }, fetched: unknown) => never) => {
    const fetches = memory({ key: "key" });
    const provider = {
      ...fetches,
      parse: ({ ref }: { ref: string }) => ({ id: "key", pinned: true, part: ref }),
      open,
    };
    return { fetches, ...createResolver({ providers: [provider] }) };
  };

  test("gives each reference its own value, out of one fetch", async () => {
    const { resolveAll, fetches } = opening(
      (({ part }: { part: string }, fetched: string) => `${part} by ${fetched}`) as never,
    );
    const { a, b } = await resolveAll({ a: "memory::a", b: "memory::b" });
    expect([a, b, fetches.calls.length]).toEqual(["a by key", "b by key", 1]);
  });

  test("that fails fails for that reference alone", async () => {
    const { resolve } = opening((({ part }: { part: string }) => {
      if (part === "bad") throw new SecretError("ERR_SECRET_INTEGRITY", "it does not verify.");
      if (part === "worse") throw foreign();
      return part;
    }) as never);
    expect((await refusal(resolve("memory::bad"))).code).toBe("ERR_SECRET_INTEGRITY");
    expect((await refusal(resolve("memory::worse"))).detail).toMatch(/^the provider's open threw TypeError/);
    expect(await resolve("memory::good")).toBe("good");
  });
});

describe("several failures", () => {
  const codesOf = { u: unavailable(), n: notFound(), d: denied(), v: "7" } as const;
  const { resolveAll } = createResolver({ providers: [memory(codesOf)] });

  test("are gathered in the properties' order, each by its name", async () => {
    const error = await refusal(
      resolveAll({ z: "memory::u", good: "memory::v", a: canary, y: "memory::n", b: json("memory::v", z.string()) }),
    );
    expect(error.errors?.map(({ secretName, code }) => [secretName, code])).toEqual([
      ["z", "ERR_SECRET_UNAVAILABLE"],
      ["a", "ERR_SECRET_REFERENCE"],
      ["y", "ERR_SECRET_NOT_FOUND"],
      ["b", "ERR_SECRET_VALUE"],
    ]);
  });

  test.each<[names: string, code: string]>([
    ["uu", "ERR_SECRET_UNAVAILABLE"],
    ["un", "ERR_SECRET_NOT_FOUND"],
    ["udn", "ERR_SECRET_ACCESS_DENIED"],
    ["ndu", "ERR_SECRET_NOT_FOUND"],
  ])("have the code of the first that retrying cannot cure: %s", async (names, code) => {
    const error = await refusal(
      resolveAll(Object.fromEntries([...names].map((name, i) => [`${name}${i}`, `memory::${name}`]))),
    );
    expect([error.code, error.errors?.length]).toEqual([code, names.length]);
  });

  test("of one alone is that one", async () => {
    const error = await refusal(resolveAll({ a: "memory::v", b: "memory::n" }));
    expect([error.secretName, error.code, error.errors]).toEqual(["b", "ERR_SECRET_NOT_FOUND", undefined]);
  });
});

describe("createResolver", () => {
  test.each<[string, ResolverOptions, RegExp]>([
    ["two providers of one scheme", { providers: [memory({}), memory({})] }, /two providers read memory::/],
    ["a scheme that is none", { providers: [memory({}, { scheme: "No" })] }, /scheme is not of the form/],
    ["a negative ttlMs", { providers: [], ttlMs: -1 }, /ttlMs/],
    ["a ttlMs that is no number", { providers: [], ttlMs: Number.NaN }, /ttlMs/],
    ["a ttlMs that is a text", { providers: [], ttlMs: "1" as never }, /ttlMs/],
    ["a negative staleIfErrorMs", { providers: [], staleIfErrorMs: -1 }, /staleIfErrorMs/],
    ["a timeoutMs of 0", { providers: [], timeoutMs: 0 }, /timeoutMs/],
    ["a timeoutMs that no timer holds", { providers: [], timeoutMs: 2 ** 31 }, /timeoutMs/],
    ["a timeoutMs that is a text", { providers: [], timeoutMs: "1000" as never }, /timeoutMs/],
  ])("refuses %s", (_what, options, message) => {
    const error = thrown(() => createResolver(options));
    expect(error.code).toBe("ERR_SECRET_PROVIDER");
    expect(error.message).toMatch(message);
  });

  test("takes two providers of one kind under schemes of their own", async () => {
    const { resolve } = createResolver({
      providers: [memory({ a: "here" }), memory({ a: "there" }, { scheme: "memory-eu" })],
    });
    expect(await Promise.all([resolve("memory::a"), resolve("memory-eu::a")])).toEqual(["here", "there"]);
  });
});

describe("what is no secret", () => {
  test.each([undefined, null, 7, {}, { reference: 7, as: "text" }])(
    "%p is a rejection, not an exception",
    async (secret) => {
      const { resolve } = oneValue();
      expect((await refusal(resolve(secret as unknown as Secret<string>))).code).toBe("ERR_SECRET_REFERENCE");
    },
  );

  test("of a scheme without a provider is refused with a list of those that there are", async () => {
    const error = await refusal(oneValue().resolve(`other::${canary}`));
    expect(error.code).toBe("ERR_SECRET_SCHEME");
    expect(error.detail).toContain("Known schemes: memory.");
  });

  test("is told by the name that text() was given", async () => {
    expect((await refusal(oneValue().resolve(text("memory::none", { name: "db" })))).secretName).toBe("db");
  });
});
