import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createResolver } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { refusal } from "./canary.ts";
import { freeze, pass, settle, stopClock } from "./clock.ts";
import { denied, oneValue, script } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("time", () => {
  test("a pinned value is fetched once in a month of reads every hour", async () => {
    const provider = memory({ "a::1": "x" });
    const { resolve } = createResolver({ providers: [provider], ttlMs: 1 });
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      expect(await resolve("memory::a::1")).toBe("x");
      freeze(3_600_000);
    }
    expect(provider.calls.length).toBe(1);
  });

  test("a value that may change is served until ttlMs, refreshed behind from its own share of it", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.4); // 0.7 + 0.4 × 0.25 = 0.8
    const { resolve, provider } = script();
    const first = resolve("s::a");
    await settle();
    provider.last().answer("first");
    await first;
    await pass(239_999);
    expect([await resolve("s::a"), provider.asked.length]).toEqual(["first", 1]);
    await pass(1);
    expect([await resolve("s::a"), await resolve("s::a"), provider.asked.length]).toEqual(["first", "first", 2]);
    expect(provider.asked.map(({ call }) => call.background)).toEqual([false, true]);
    provider.last().answer("second");
    await settle();
    expect([await resolve("s::a"), provider.asked.length]).toEqual(["second", 2]);
  });

  test.each([
    [0, 0.7],
    [0.999_999, 0.95],
  ])("the share of a value is drawn between 70 and 95 %% (a draw of %d gives %d)", async (draw, share) => {
    jest.spyOn(Math, "random").mockReturnValue(draw);
    const { resolve, provider } = oneValue({ ttlMs: 100_000 });
    await resolve("memory::a");
    await pass(share * 100_000 - 2);
    await resolve("memory::a");
    expect(provider.calls.length).toBe(1);
    await pass(2);
    await resolve("memory::a");
    expect(provider.calls.length).toBe(2);
  });

  test("from ttlMs on a reader waits for the new value", async () => {
    const { resolve, stored } = oneValue();
    await resolve("memory::a");
    stored["a"] = "second";
    freeze(300_000);
    expect(await resolve("memory::a")).toBe("second");
  });

  test("age runs from when the request was sent, not from when it was answered", async () => {
    const { resolve, provider } = script({}, { ttlMs: 10_000 });
    const slow = resolve("s::a");
    await pass(9_000);
    provider.last().answer("x");
    await slow;
    await pass(1_000);
    void resolve("s::a");
    await settle();
    expect(provider.asked.length).toBe(2);
    expect(provider.last().call.background).toBe(false);
  });

  test("age is judged by the reading resolver's ttlMs", async () => {
    const provider = memory({ a: "x" });
    const lazy = createResolver({ providers: [provider] });
    const eager = createResolver({ providers: [provider], ttlMs: 1_000 });
    await lazy.resolve("memory::a");
    await pass(1_000);
    await lazy.resolve("memory::a");
    expect(provider.calls.length).toBe(1);
    await eager.resolve("memory::a");
    expect(provider.calls.length).toBe(2);
  });

  test("a ttlMs of 0 fetches at every call", async () => {
    const { resolve, provider } = oneValue({ ttlMs: 0 });
    for (let i = 0; i < 3; i += 1) await resolve("memory::a");
    expect(provider.calls.length).toBe(3);
  });

  test("after the clock was set back a value is fetched afresh, once", async () => {
    const { resolve, provider } = oneValue();
    await resolve("memory::a");
    freeze(-1);
    await resolve("memory::a");
    await resolve("memory::a");
    expect(provider.calls.length).toBe(2);
  });
});

describe("a freeze of the container", () => {
  test("detaches a flight that is more than 1,000 ms past its deadline: a new one starts, the old one answers its own", async () => {
    const { provider, resolve } = script();
    const before = resolve("s::a");
    await settle();
    freeze(11_001);
    const after = resolve("s::a");
    await settle();
    expect(provider.asked.length).toBe(2);
    provider.asked[0]?.answer("old");
    expect(await before).toBe("old");
    provider.asked[1]?.answer("new");
    expect([await after, await resolve("s::a"), provider.asked.length]).toEqual(["new", "new", 2]);
  });

  test("leaves a flight alone that is no later than that", async () => {
    const { provider, resolve } = script();
    const before = resolve("s::a");
    await settle();
    freeze(11_000);
    const after = resolve("s::a");
    await settle();
    provider.last().answer("x");
    expect([await before, await after, await resolve("s::a"), provider.asked.length]).toEqual(["x", "x", "x", 1]);
  });

  test("stores nothing of an overtaken flight, though none replaced it", async () => {
    const { provider, resolve } = script();
    const before = resolve("s::a");
    await settle();
    freeze(11_001);
    provider.last().answer("old");
    expect(await before).toBe("old");
    void resolve("s::a");
    await settle();
    expect(provider.asked.length).toBe(2);
  });

  test("counts no failure of an overtaken flight, and drops no value by it", async () => {
    const { provider, resolve } = script();
    const first = resolve("s::a");
    await settle();
    provider.last().answer("x");
    await first;
    await pass(299_000);
    void resolve("s::a");
    await settle();
    const overtaken = provider.last();
    freeze(11_001);
    overtaken.refuse(denied());
    await settle();
    freeze(-11_001);
    expect(await resolve("s::a")).toBe("x");
  });

  test("ends no flight: its timer runs on when the container does", async () => {
    const { resolve } = script();
    const before = resolve("s::a");
    await settle();
    freeze(3_600_000);
    const error = refusal(before);
    await pass(10_000);
    expect((await error).code).toBe("ERR_SECRET_UNAVAILABLE");
  });
});
