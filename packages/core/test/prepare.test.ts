import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { bytes, createResolver, json, type ResolverOptions, SecretError, text } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { z } from "zod";
import { canary, refusal, thrown } from "./canary.ts";
import { freeze, pass, settle, stopClock } from "./clock.ts";
import { scripted } from "./scripted.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const denied = () => new SecretError("ERR_SECRET_ACCESS_DENIED", "refused.");

function stored(values: Record<string, string | Error>, options: Partial<ResolverOptions> = {}) {
  const provider = memory(values);
  return { values, provider, ...createResolver({ providers: [provider], ...options }) };
}

describe("prepare throws at once what can be known at once", () => {
  const { prepare, provider } = stored({ a: "x" });

  test.each<[code: string, reference: string]>([
    ["ERR_SECRET_REFERENCE", canary],
    ["ERR_SECRET_REFERENCE", `memory::a?tabel=${canary}`],
    ["ERR_SECRET_SCHEME", `other::${canary}`],
    ["ERR_SECRET_INTEGRITY", "memory::a?name=token"],
  ])("%s", (code, reference) => {
    const error = thrown(() => prepare({ a: "memory::a", db: reference }));
    expect([error.code, error.secretName]).toEqual([code, "db"]);
  });

  test("all of them together, in the properties' order", () => {
    const error = thrown(() => prepare({ b: canary, ok: "memory::a", a: `other::${canary}` }));
    expect(error.errors?.map(({ secretName }) => secretName)).toEqual(["b", "a"]);
  });

  test("and asks no store", async () => {
    prepare({ a: "memory::a" });
    await settle();
    expect(provider.calls).toEqual([]);
  });
});

describe("current() gives what may be served now", () => {
  test("nothing before the first load, and starts no fetch", async () => {
    const { prepare, provider } = stored({ a: "x" });
    expect(prepare({ db: "memory::a" }).current()).toBeUndefined();
    await settle();
    expect(provider.calls).toEqual([]);
  });

  test("what load gave: the same object, at each call, while nothing changes", async () => {
    const { prepare, provider } = stored({ a: "x", b: "y" });
    const prepared = prepare({ db: "memory::a", token: "memory::b" });
    const loaded = await prepared.load();
    expect(loaded.db).toBe("x");
    expect(prepared.current()).toBe(loaded);
    await pass(200_000);
    expect(prepared.current()).toBe(loaded);
    expect(provider.calls.length).toBe(2);
  });

  test("what another reader fetched, without a load of its own", async () => {
    const { prepare, resolve } = stored({ a: "x" });
    const prepared = prepare({ db: "memory::a" });
    await resolve("memory::a");
    const current = prepared.current();
    expect(current?.db).toBe("x");
    expect(prepared.current()).toBe(current);
  });

  test("nothing while one of several is missing", async () => {
    const { prepare, resolve } = stored({ a: "x", b: "y" });
    const prepared = prepare({ a: "memory::a", b: "memory::b" });
    await resolve("memory::a");
    expect(prepared.current()).toBeUndefined();
    await resolve("memory::b");
    expect(prepared.current()?.b).toBe("y");
  });

  test("the empty object of an empty set", async () => {
    const { prepare } = stored({});
    const prepared = prepare({});
    expect(prepared.current()).toBeDefined();
    expect(prepared.current()).toBe(prepared.current());
  });

  test("a new object after a refresh; the old one stays as it was", async () => {
    const { prepare, values } = stored({ a: "old" });
    const prepared = prepare({ db: "memory::a" });
    const loaded = await prepared.load();
    values["a"] = "new";
    await pass(299_000);
    expect(prepared.current()).toBe(loaded);
    await settle();
    const refreshed = prepared.current();
    expect([refreshed === loaded, refreshed?.db, loaded.db]).toEqual([false, "new", "old"]);
    expect(prepared.current()).toBe(refreshed);
  });

  test("nothing from ttlMs on, until load fetched again", async () => {
    const { prepare, values } = stored({ a: "old" });
    const prepared = prepare({ db: "memory::a" });
    await prepared.load();
    values["a"] = "new";
    freeze(300_000);
    expect(prepared.current()).toBeUndefined();
    expect((await prepared.load()).db).toBe("new");
    expect(prepared.current()?.db).toBe("new");
  });

  test("nothing after forget", async () => {
    const { prepare, forget } = stored({ a: "x" });
    const prepared = prepare({ db: "memory::a" });
    await prepared.load();
    forget("memory::a");
    expect(prepared.current()).toBeUndefined();
  });

  test("what decodes asynchronously, once it has", async () => {
    const { prepare } = stored({ a: '"x"' });
    const prepared = prepare({
      db: json(
        "memory::a",
        z.string().refine(async () => true),
      ),
    });
    const loaded = await prepared.load();
    expect(prepared.current()).toBe(loaded);
  });

  test("starts every refresh that is due, also where one value must be waited for", async () => {
    const { prepare, resolve, provider } = stored({ a: "x", b: "y" });
    const prepared = prepare({ a: "memory::a", b: "memory::b" });
    await resolve("memory::b");
    await pass(299_000);
    const calls = provider.calls.length;
    expect(prepared.current()).toBeUndefined();
    await settle();
    expect(provider.calls.slice(calls)).toEqual([["b"]]);
  });

  test("and never throws", async () => {
    const { prepare, values } = stored({ a: '{"b":"x"}' });
    const prepared = prepare({
      text: "memory::a#/b",
      checked: json("memory::a#/b", z.string()),
      raw: bytes("memory::a"),
    });
    await prepared.load();
    for (const broken of ["no JSON", "{}", '{"b":7}']) {
      values["a"] = broken;
      await pass(299_000);
      prepared.current();
      await settle();
      expect(prepared.current()).toBeUndefined();
      expect((await refusal(prepared.load())).code).toBe("ERR_SECRET_VALUE");
    }
    values["a"] = denied();
    await pass(299_000);
    prepared.current();
    await settle();
    expect(prepared.current()).toBeUndefined();
    expect((await refusal(prepared.load())).code).toBe("ERR_SECRET_ACCESS_DENIED");
  });
});

describe("load()", () => {
  test("asks for all at once, and for each once", async () => {
    const provider = scripted({ batchSize: 10 });
    const prepared = createResolver({ providers: [provider] }).prepare({ a: "s::a", b: "s::b", c: "s::a#" });
    const loads = Promise.all([prepared.load(), prepared.load()]);
    await settle();
    provider.last().answer(
      new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
    );
    const [{ a, b, c }] = await loads;
    expect([a, b, c, provider.ids()]).toEqual(["1", "2", "1", [["a", "b"]]]);
  });

  test("gives up at its caller's deadline, by name", async () => {
    const provider = scripted();
    const prepared = createResolver({ providers: [provider] }).prepare({ db: text("s::a") });
    const error = refusal(prepared.load({ deadlineMs: Date.now() + 300 }));
    await pass(300);
    expect([(await error).code, (await error).secretName]).toEqual(["ERR_SECRET_UNAVAILABLE", "db"]);
    provider.last().answer("x");
    await settle();
    expect(prepared.current()?.db).toBe("x");
  });

  test("that fails leaves what current() gave as it was", async () => {
    const { prepare, values, forget } = stored({ a: "x", b: "y" });
    const prepared = prepare({ a: "memory::a", b: "memory::b" });
    const loaded = await prepared.load();
    values["b"] = denied();
    forget("memory::b");
    expect((await refusal(prepared.load())).secretName).toBe("b");
    expect(prepared.current()).toBeUndefined();
    expect(loaded.b).toBe("y");
  });

  test("that ends late does not put an old value back in the place of a newer one", async () => {
    const provider = scripted();
    const { prepare, forget } = createResolver({ providers: [provider] });
    const prepared = prepare({ db: "s::a" });
    const slow = prepared.load();
    await settle();
    forget("s::a");
    const quick = prepared.load();
    await settle();
    provider.asked[1]?.answer("new");
    expect((await quick).db).toBe("new");
    provider.asked[0]?.answer("old");
    expect((await slow).db).toBe("old");
    expect(prepared.current()?.db).toBe("new");
  });
});

describe("two members of one secret", () => {
  test("are never torn: whatever object is seen, user and password are of one version", async () => {
    const provider = scripted();
    const { prepare, resolveAll, forget } = createResolver({ providers: [provider] });
    const set = { user: "s::a#/user", password: "s::a#/password", whole: json<{ user: string }>("s::a") };
    const prepared = prepare(set);
    const seen: { user: string; password: string; whole: { user: string } }[] = [];
    const look = () => {
      const current = prepared.current();
      if (current !== undefined) seen.push(current);
    };
    for (let version = 1; version <= 20; version += 1) {
      void prepared.load().then((secrets) => seen.push(secrets));
      void resolveAll(set).then((secrets) => seen.push(secrets));
      await settle();
      provider.last().answer(JSON.stringify({ user: `u${version}`, password: `p${version}` }));
      look();
      await Promise.resolve();
      look();
      await settle();
      look();
      if (version % 3 === 0) forget("s::a");
      await pass(version % 2 === 0 ? 299_000 : 300_000);
      look();
      await settle();
    }
    expect(new Set(seen.map(({ user }) => user)).size).toBe(20);
    for (const { user, password, whole } of seen)
      expect([user.slice(1), whole.user]).toEqual([password.slice(1), user]);
  });
});

test("two members of one secret are of one version though it expires between the reading of the two", async () => {
  const { values, resolveAll } = stored({ a: '{"user":"u1","password":"p1"}' });
  const set = { user: "memory::a#/user", password: "memory::a#/password" };
  await resolveAll(set);
  values["a"] = '{"user":"u2","password":"p2"}';
  let nowMs = Date.now() + 299_998;
  jest.spyOn(Date, "now").mockImplementation(() => {
    nowMs += 1;
    return nowMs;
  });
  const { user, password } = await resolveAll(set);
  expect(user.slice(1)).toBe(password.slice(1));
});

describe("the cache is bound", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, `value ${i}`]));

  test("to the 1,000 most recently settled of a provider; what a prepare holds stays beside them", async () => {
    const { prepare, resolve, provider } = stored({ held: "x", ...many(2_000) });
    const prepared = prepare({ db: "memory::held" });
    const loaded = await prepared.load();
    for (let i = 0; i < 2_000; i += 1) await resolve(`memory::n${i}`);
    expect(prepared.current()).toBe(loaded);
    const calls = provider.calls.length;
    expect(await resolve("memory::held")).toBe("x");
    for (let i = 1_000; i < 2_000; i += 1) await resolve(`memory::n${i}`);
    expect(provider.calls.length).toBe(calls);
    await resolve("memory::n999");
    expect(provider.calls.slice(calls)).toEqual([["n999"]]);
    // The oldest made place for it.
    await resolve("memory::n1000");
    expect(provider.calls.slice(calls)).toEqual([["n999"], ["n1000"]]);
  });

  test("by when they settled last, not first", async () => {
    const { resolve, provider } = stored({ a: "x", b: "y", ...many(1_000) });
    await resolve("memory::a");
    await resolve("memory::b");
    await pass(300_000);
    await resolve("memory::a");
    for (let i = 0; i < 999; i += 1) await resolve(`memory::n${i}`);
    const calls = provider.calls.length;
    await resolve("memory::a");
    expect(provider.calls.length).toBe(calls);
  });

  test("to settled ones: those in flight push none out", async () => {
    const { resolve, provider } = (() => {
      const slow = scripted({ reply: ({ ids, answer }) => ids[0]?.startsWith("slow") || answer("x") });
      return { provider: slow, ...createResolver({ providers: [slow] }) };
    })();
    await resolve("s::a");
    for (let i = 0; i < 1_500; i += 1) resolve(`s::slow${i}`).catch(() => {});
    await resolve("s::b");
    await settle();
    const calls = provider.asked.length;
    await Promise.all([resolve("s::a"), resolve("s::b")]);
    expect(provider.asked.length).toBe(calls);
  });

  test("for failures too: what does not exist fills it no further", async () => {
    const { resolve, provider } = stored({ a: "x" });
    await resolve("memory::a");
    for (let i = 0; i < 1_000; i += 1) await refusal(resolve(`memory::none${i}`));
    const calls = provider.calls.length;
    await resolve("memory::a");
    expect(provider.calls.length).toBe(calls + 1);
  });
});
