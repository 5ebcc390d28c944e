import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createResolver, json } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { canary, refusal, thrown } from "./canary.ts";
import { settle, startMs, stopClock } from "./clock.ts";
import { denied, oneValue, script, unavailable } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("forget", () => {
  test("drops a value, with every pointer and reading of it, for every resolver", async () => {
    const stored: Record<string, string> = { a: '{"b":"old"}' };
    const provider = memory(stored);
    const [one, two] = [createResolver({ providers: [provider] }), createResolver({ providers: [provider] })];
    await Promise.all([one.resolve("memory::a#/b"), one.resolve(json("memory::a"))]);
    stored["a"] = '{"b":"new"}';
    two.forget("memory::a");
    expect([await one.resolve("memory::a#/b"), await one.resolve(json("memory::a"))]).toEqual(["new", { b: "new" }]);
    expect(provider.calls.length).toBe(2);
  });

  test("drops a pinned value too", async () => {
    const { resolve, forget, provider } = script({ reply: ({ answer }) => answer("x") });
    await resolve("s::a::1");
    forget("s::a::1");
    await resolve("s::a::1");
    expect(provider.asked.length).toBe(2);
  });

  test("with a time drops only what was sent at or before it", async () => {
    const { resolve, forget, provider } = oneValue();
    await resolve("memory::a");
    forget("memory::a", startMs - 1);
    await resolve("memory::a");
    expect(provider.calls.length).toBe(1);
    forget("memory::a", startMs);
    await resolve("memory::a");
    expect(provider.calls.length).toBe(2);
  });

  test("detaches a flight: it answers those who wait for it, and is not stored", async () => {
    const { resolve, forget, provider } = script();
    const before = resolve("s::a");
    await settle();
    forget("s::a");
    const after = resolve("s::a");
    await settle();
    provider.asked[1]?.answer("new");
    expect(await after).toBe("new");
    provider.asked[0]?.answer("old");
    expect([await before, await resolve("s::a"), provider.asked.length]).toEqual(["old", "new", 2]);
  });

  test("leaves alone what has not left yet: many who forget and ask at once are one call", async () => {
    const { resolve, forget, provider } = script({ reply: ({ answer }) => answer("x") });
    const forgetAndAsk = () => {
      forget("s::a");
      return resolve("s::a");
    };
    await Promise.all(Array.from({ length: 500 }, forgetAndAsk));
    expect(provider.asked.length).toBe(1);
  });

  test("with a time leaves a later flight alone", async () => {
    const { resolve, forget, provider } = script();
    const before = resolve("s::a");
    await settle();
    forget("s::a", startMs - 1);
    const joined = resolve("s::a");
    await settle();
    provider.last().answer("x");
    expect([await before, await joined, provider.asked.length]).toEqual(["x", "x", 1]);
  });

  test("a denial that arrives for a detached flight drops nothing", async () => {
    const { resolve, forget, provider } = script();
    const before = refusal(resolve("s::a"));
    await settle();
    forget("s::a");
    const after = resolve("s::a");
    await settle();
    provider.asked[1]?.answer("new");
    await after;
    provider.asked[0]?.refuse(denied());
    expect((await before).code).toBe("ERR_SECRET_ACCESS_DENIED");
    expect([await resolve("s::a"), provider.asked.length]).toEqual(["new", 2]);
  });

  test("leaves no stale value to fall back on", async () => {
    const { resolve, forget, stored } = oneValue();
    await resolve("memory::a");
    stored["a"] = unavailable();
    forget("memory::a");
    expect((await refusal(resolve("memory::a"))).code).toBe("ERR_SECRET_UNAVAILABLE");
  });

  test("of what was never asked for does nothing; of what is no reference it throws", () => {
    const { forget, provider } = oneValue();
    forget("memory::never");
    expect(provider.calls).toEqual([]);
    expect(thrown(() => forget(canary)).code).toBe("ERR_SECRET_REFERENCE");
    expect(thrown(() => forget(`other::${canary}`)).code).toBe("ERR_SECRET_SCHEME");
  });
});
