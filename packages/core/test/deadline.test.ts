import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { SecretError } from "@serverless-secrets/core";
import { refusal } from "./canary.ts";
import { pass, settle, startMs, stopClock } from "./clock.ts";
import { script } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("deadlines", () => {
  test("who stops waiting is told why the last attempt failed, if the provider told of it", async () => {
    const { resolve, provider } = script();
    const hasty = refusal(resolve("s::a", { deadlineMs: startMs + 500 }));
    await settle();
    provider
      .last()
      .call.attemptFailed?.(
        new SecretError("ERR_SECRET_UNAVAILABLE", "throttled. Ask for less.", { cause: { name: "Throttling" } }),
      );
    await pass(500);
    const { detail, cause } = await hasty;
    expect({ detail, cause }).toEqual({
      detail: "no success within the 500 ms that the caller had left; the last attempt: throttled. Ask for less.",
      cause: { name: "Throttling" },
    });
  });

  test("a caller stops waiting at its own; the shared fetch goes on for the others", async () => {
    const { resolve, provider } = script();
    const hasty = refusal(resolve("s::a", { deadlineMs: startMs + 500 }));
    const patient = resolve("s::a");
    await pass(500);
    const error = await hasty;
    expect(error.code).toBe("ERR_SECRET_UNAVAILABLE");
    expect(error.detail).toMatch(/^no answer within the 500 ms that the caller had left\./);
    expect(provider.last().call.signal.aborted).toBe(false);
    await pass(1_000);
    provider.last().answer("x");
    expect([await patient, await resolve("s::a"), provider.asked.length]).toEqual(["x", "x", 1]);
  });

  test("a caller's own counts as no failure", async () => {
    const { resolve, provider } = script();
    for (let i = 0; i < 3; i += 1) {
      const error = refusal(resolve("s::a", { deadlineMs: Date.now() + 100 }));
      await pass(100);
      await error;
    }
    provider.last().answer("x");
    expect(await resolve("s::a")).toBe("x");
  });

  test("a caller whose own passes gets the stale value, if there is one, not an error", async () => {
    const { resolve, provider } = script();
    const first = resolve("s::a");
    await settle();
    provider.last().answer("old");
    await first;
    await pass(300_000);
    const hasty = resolve("s::a", { deadlineMs: Date.now() + 100 });
    await pass(100);
    expect(await hasty).toBe("old");
  });

  test("one that has passed already gives what is cached, and does not wait for the rest", async () => {
    const { resolveAll, resolve, provider } = script({ reply: ({ ids, answer }) => ids[0] === "a" && answer("x") });
    await resolve("s::a");
    expect((await resolveAll({ a: "s::a" }, { deadlineMs: startMs - 1 })).a).toBe("x");
    const error = refusal(resolveAll({ a: "s::a", b: "s::b" }, { deadlineMs: startMs - 1 }));
    await pass(1);
    expect([(await error).secretName, provider.asked.length]).toEqual(["b", 2]);
  });

  test.each([Number.POSITIVE_INFINITY, startMs + 400 * 86_400_000])("one far away is none: %d", async (deadlineMs) => {
    const { resolve, provider } = script();
    const value = resolve("s::a", { deadlineMs });
    value.catch(() => {});
    await pass(5_000);
    provider.last().answer("x");
    expect(await value).toBe("x");
  });

  test("a fetch is given up at timeoutMs, whether or not the provider listens, and its signal is aborted", async () => {
    const { resolve, provider } = script({}, { timeoutMs: 700 });
    const error = refusal(resolve("s::a"));
    await settle();
    const { call } = provider.last();
    expect(call.deadlineMs).toBe(startMs + 700);
    await pass(699);
    expect(call.signal.aborted).toBe(false);
    await pass(1);
    expect(call.signal.aborted).toBe(true);
    expect((await error).message).toMatch(/^ERR_SECRET_UNAVAILABLE: s::a: no answer within 700 ms\./);
  });

  test("what a provider answers after it was given up is dropped", async () => {
    const { resolve, provider } = script();
    const error = refusal(resolve("s::a"));
    await pass(10_000);
    await error;
    provider.last().answer("late");
    void resolve("s::a");
    await settle();
    expect(provider.asked.length).toBe(2);
  });

  test("no timer is left when an answer is there", async () => {
    const { resolve, provider } = script();
    const value = resolve("s::a", { deadlineMs: startMs + 5_000 });
    await settle();
    provider.last().answer("x");
    await value;
    await settle();
    expect(jest.getTimerCount()).toBe(0);
  });
});
