import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { json, type ResolverOptions, SecretError } from "@serverless-secrets/core";
import { z } from "zod";
import { refusal } from "./canary.ts";
import { freeze, pass, settle, stopClock } from "./clock.ts";
import { denied, notFound, oneValue, script, unavailable } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("when a store fails", () => {
  /** A value of `s::a` fetched at the start, and its last refresh behind failed so at 299 s. */
  async function refreshFailed(error: SecretError, options: Partial<ResolverOptions> = {}) {
    const scripting = script({}, options);
    const { provider, resolve } = scripting;
    const first = resolve("s::a");
    await settle();
    provider.last().answer("old");
    await first;
    await pass(299_000);
    expect(await resolve("s::a")).toBe("old");
    provider.last().refuse(error);
    await settle();
    return scripting;
  }

  test.each([denied(), notFound()])(
    "a value that is refused or gone is dropped for every reader: %p",
    async (error) => {
      const { provider, resolve } = await refreshFailed(error);
      const waiting = resolve("s::a");
      await settle();
      expect(provider.asked.length).toBe(3);
      provider.last().refuse(unavailable());
      expect((await refusal(waiting)).code).toBe("ERR_SECRET_UNAVAILABLE");
    },
  );

  test.each([
    unavailable(),
    new SecretError("ERR_SECRET_PROVIDER", "broken."),
    new SecretError("ERR_SECRET_INTEGRITY", "no."),
  ])("any other failure neither drops nor extends it: %p", async (error) => {
    const { provider, resolve } = await refreshFailed(error);
    expect(await resolve("s::a")).toBe("old");
    provider.last().refuse(error);
    await settle();
    await pass(1_000);
    // At its ttlMs: served on where the store is out of reach, else waited for.
    const atTtl = resolve("s::a");
    await settle();
    provider.last().answer("new");
    expect(await atTtl).toBe(error.code === "ERR_SECRET_UNAVAILABLE" ? "old" : "new");
  });

  test("a stale value is served at once for 60 s after each UNAVAILABLE, then waited for, then served after all", async () => {
    const { provider, resolve } = await refreshFailed(unavailable());
    await pass(59_000);
    expect([await resolve("s::a"), provider.asked.length]).toEqual(["old", 3]);
    provider.last().refuse(unavailable());
    await settle();
    await pass(60_000);
    const waiting = resolve("s::a");
    await settle();
    expect([provider.asked.length, provider.last().call.background]).toEqual([4, false]);
    provider.last().refuse(unavailable());
    expect(await waiting).toBe("old");
  });

  test("a stale value is served for staleIfErrorMs and no longer", async () => {
    const { provider, resolve } = await refreshFailed(unavailable(), { staleIfErrorMs: 30_000 });
    await pass(30_999);
    const last = resolve("s::a");
    await settle();
    provider.last().refuse(unavailable());
    expect(await last).toBe("old");
    await pass(1_000);
    const tooLate = resolve("s::a");
    await settle();
    provider.last().refuse(unavailable());
    expect((await refusal(tooLate)).code).toBe("ERR_SECRET_UNAVAILABLE");
  });

  test("a failure other than UNAVAILABLE is never answered with a stale value", async () => {
    const { provider, resolve } = await refreshFailed(unavailable());
    await pass(60_000);
    const waiting = resolve("s::a");
    await settle();
    provider.last().refuse(new SecretError("ERR_SECRET_PROVIDER", "broken."));
    expect((await refusal(waiting)).code).toBe("ERR_SECRET_PROVIDER");
  });

  test("a first failure is not cached, a second in a row is remembered for 1,000 ms", async () => {
    const { provider, resolve } = script({ reply: ({ refuse }) => refuse(denied()) });
    await refusal(resolve("s::a"));
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(2);
    for (let i = 0; i < 1_000; i += 1) expect((await refusal(resolve("s::a"))).code).toBe("ERR_SECRET_ACCESS_DENIED");
    await pass(999);
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(2);
    await pass(1);
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(3);
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(3);
  });

  test("a remembered failure is forgotten when the clock was set back", async () => {
    const { provider, resolve } = script({ reply: ({ refuse }) => refuse(denied()) });
    await refusal(resolve("s::a"));
    await refusal(resolve("s::a"));
    freeze(-1);
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(3);
  });

  test("a remembered failure is told to each by that one's own name", async () => {
    const { resolve, resolveAll } = script({ reply: ({ refuse }) => refuse(denied()) });
    await refusal(resolve("s::a"));
    await refusal(resolveAll({ one: "s::a" }));
    expect((await refusal(resolveAll({ two: "s::a" }))).secretName).toBe("two");
  });

  test("a success between two failures makes them no row", async () => {
    let fails = true;
    const { provider, resolve } = script({
      reply: ({ answer, refuse }) => (fails ? refuse(unavailable()) : answer("x")),
    });
    await refusal(resolve("s::a"));
    fails = false;
    await resolve("s::a");
    fails = true;
    freeze(10_000_000);
    await refusal(resolve("s::a"));
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(4);
    await refusal(resolve("s::a"));
    expect(provider.asked.length).toBe(4);
  });

  test("what is forgotten does not forget that the store failed: a loop of both hammers nothing", async () => {
    const { provider, resolve, forget } = script({ reply: ({ refuse }) => refuse(denied()) });
    for (let i = 0; i < 100; i += 1) {
      forget("s::a");
      await refusal(resolve("s::a"));
    }
    expect(provider.asked.length).toBe(2);
  });

  test("a refresh that keeps failing hammers no store: served from cache, one call a second", async () => {
    const { provider, resolve } = await refreshFailed(unavailable());
    await resolve("s::a");
    provider.last().refuse(unavailable());
    await settle();
    for (let i = 0; i < 100; i += 1) expect(await resolve("s::a")).toBe("old");
    expect(provider.asked.length).toBe(3);
  });

  test("a new value that does not decode fails; no older one is served in its place", async () => {
    const { stored, resolve } = oneValue();
    stored["a"] = '"old"';
    const secret = json("memory::a", z.string());
    expect(await resolve(secret)).toBe("old");
    stored["a"] = "7";
    await pass(299_000);
    expect(await resolve(secret)).toBe("old");
    await settle();
    expect((await refusal(resolve(secret))).code).toBe("ERR_SECRET_VALUE");
  });
});
