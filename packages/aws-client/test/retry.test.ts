import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type Call, SecretError } from "@serverless-secrets/core";
import fc from "fast-check";
import type { HostState } from "../src/host.ts";
import type { Remedy } from "../src/remedy.ts";
import { retry, type Tried } from "../src/retry.ts";
import { freeze, pass, startMs, stopClock } from "./clock.ts";

let host: HostState;
let starts: number[];
beforeEach(() => {
  stopClock();
  host = { tokens: 500, clockOffsetMs: 0 };
  starts = [];
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const callFor = (timeoutMs: number, change: Partial<Call> = {}): Call => ({
  signal: new AbortController().signal,
  deadlineMs: Date.now() + timeoutMs,
  background: false,
  ...change,
});
const failed = (remedy: Remedy, name = "E", askedMs?: number): Tried<string> => ({
  error: new SecretError("ERR_SECRET_UNAVAILABLE", `${name} failed. Check it.`, { cause: { name, status: 503 } }),
  remedy,
  askedMs,
});
const given: Tried<string> = { value: "v" };

/** Attempts that come to these in turn, the last for ever; each takes so long. */
const script =
  (outcomes: readonly Tried<string>[], takesMs = 0) =>
  async (call: Call): Promise<Tried<string>> => {
    const outcome = outcomes[Math.min(starts.length, outcomes.length - 1)] as Tried<string>;
    starts.push(Date.now() - startMs);
    if (takesMs > 0) {
      const leftMs = Math.max(0, call.deadlineMs - Date.now());
      await new Promise((resolve) => setTimeout(resolve, Math.min(takesMs, leftMs)));
      if (leftMs < takesMs) return failed("later", "TimeoutError");
    }
    return outcome;
  };

/** Runs to the end, however long that takes. */
async function settle<T>(promise: Promise<T>, stepMs = 1_000): Promise<T | SecretError> {
  let settled = false;
  const caught = promise
    .catch((error: SecretError) => error)
    .finally(() => {
      settled = true;
    });
  await pass(0);
  while (!settled) await pass(stepMs);
  return caught;
}

describe("a call is tried again", () => {
  test("until it succeeds, after delays that grow", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const outcomes = [failed("later"), failed("later"), failed("muchlater"), failed("later"), given];
    expect(await settle(retry(script(outcomes), host, callFor(60_000)))).toBe("v");
    // 50, 100 and 400 ms of a base of 50, 4,000 of one of 1,000; half of each.
    expect(starts).toEqual([0, 25, 75, 2_075, 2_275]);
  });

  test("after as long as the server asks", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const outcomes = [failed("later", "E", 3_000), failed("later", "E", 60_000), failed("later", "E", 1), given];
    expect(await settle(retry(script(outcomes), host, callFor(60_000)))).toBe("v");
    expect(starts).toEqual([0, 3_000, 8_050, 8_150]);
  });

  test("until its deadline if somebody waits for it; the error says how often", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const error = await settle(retry(script([failed("later")]), host, callFor(10_000)));
    expect(starts).toEqual([0, 25, 75, 175, 375, 775, 1_575, 3_175, 6_375]);
    expect(error).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: "E failed. Check it. It was tried 9 times.",
      cause: { name: "E", status: 503 },
    });
    // It does not wait for what it will not try.
    expect(Date.now() - startMs).toBeLessThan(8_000);
  });

  test("at most 3 times in the background", async () => {
    const error = await settle(retry(script([failed("muchlater")]), host, callFor(3_600_000, { background: true })));
    expect(starts.length).toBe(4);
    expect(error).toMatchObject({ detail: "E failed. Check it. It was tried 4 times." });
  });

  test.each<Remedy>(["none", "look"])("not where the remedy is %s", async (remedy) => {
    const error = await settle(retry(script([failed(remedy), given]), host, callFor(60_000)));
    expect(starts).toEqual([0]);
    const look = " AWS may have done it all the same: check that before you repeat it.";
    expect(error).toMatchObject({ detail: `E failed. Check it.${remedy === "look" ? look : ""}` });
  });

  test.each<Remedy>(["clock", "credentials"])(
    "once, at once and for nothing, where the remedy is %s",
    async (remedy) => {
      const seen: (Remedy | undefined)[] = [];
      const attempt = script([failed(remedy, "E", 5_000)]);
      const trying = retry(
        (call, last) => {
          seen.push(last);
          return attempt(call);
        },
        host,
        callFor(60_000, { background: true }),
      );
      expect(await settle(trying)).toMatchObject({ detail: "E failed. Check it. It was tried 2 times." });
      expect(starts).toEqual([0, 0]);
      expect(seen).toEqual([undefined, remedy]);
      expect(host.tokens).toBe(500);
    },
  );

  test("at once and for nothing on a new connection, 3 times", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const outcomes = [...Array.from({ length: 4 }, () => failed("reconnect")), given];
    expect(await settle(retry(script(outcomes), host, callFor(60_000)))).toBe("v");
    expect(starts).toEqual([0, 0, 0, 0, 25]);
  });

  test("not by what an attempt throws", async () => {
    const error = new SecretError("ERR_SECRET_ACCESS_DENIED", "no credentials.");
    await expect(retry(() => Promise.reject(error), host, callFor(60_000))).rejects.toBe(error);
  });
});

describe("the end of a call", () => {
  test("by its signal ends a wait at once, with the last error, and leaves nothing behind", async () => {
    const controller = new AbortController();
    const call = callFor(60_000, { signal: controller.signal });
    const trying = retry(script([failed("later", "A"), failed("later", "B", 4_000)]), host, call);
    const caught = trying.catch((error: unknown) => error);
    await pass(1_000);
    expect(starts.length).toBe(2);
    controller.abort();
    expect(await caught).toMatchObject({ detail: "B failed. Check it. It was tried 2 times." });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("cuts an attempt short, which then says nothing: the error is that of the one before", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const outcomes = [failed("muchlater", "ThrottlingException")];
    const error = await settle(retry(script(outcomes, 300), host, callFor(1_000)), 1);
    expect(starts).toEqual([0, 800]);
    expect(error).toMatchObject({ detail: "ThrottlingException failed. Check it. It was tried 2 times." });
  });

  test("cuts a write short that AWS may have done: that is what the error says", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const outcomes = [failed("later", "ECONNREFUSED"), failed("look", "TimeoutError")];
    const attempt = script(outcomes);
    const trying = retry(
      async (call) => {
        const outcome = await attempt(call);
        if (starts.length === 2) await new Promise((resolve) => setTimeout(resolve, call.deadlineMs - Date.now()));
        return outcome;
      },
      host,
      callFor(1_000),
    );
    expect(await settle(trying)).toMatchObject({
      detail:
        "TimeoutError failed. Check it. It was tried 2 times. AWS may have done it all the same: check that before you repeat it.",
    });
  });

  test("is kept a tenth of a second from, so that the error comes before it", async () => {
    await settle(retry(script([failed("later")], 150), host, callFor(1_000)), 1);
    expect(Date.now() - startMs).toBeLessThanOrEqual(900);
  });

  test("may come in a freeze: then there is no further attempt", async () => {
    const trying = retry(script([failed("later", "E", 500), given]), host, callFor(5_000)).catch((e: unknown) => e);
    await pass(0);
    freeze(60_000);
    await pass(600);
    expect(await trying).toMatchObject({ detail: "E failed. Check it." });
    expect(starts).toEqual([0]);
  });

  test("is never passed, whatever happens (property)", async () => {
    const remedies: Remedy[] = ["none", "later", "muchlater", "reconnect", "clock", "credentials", "look"];
    const step = fc.record({
      remedy: fc.constantFrom(...remedies),
      askedMs: fc.option(fc.nat(30_000), { nil: undefined }),
      takesMs: fc.nat(2_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 30_000 }),
        fc.boolean(),
        async (steps, timeoutMs, background) => {
          stopClock();
          const state: HostState = { tokens: 500, clockOffsetMs: 0 };
          const call = callFor(timeoutMs, { background });
          const made: { readonly startMs: number; readonly endMs: number; readonly remedy: Remedy }[] = [];
          const attempt = async (within: Call): Promise<Tried<string>> => {
            expect(within.deadlineMs).toBeLessThanOrEqual(call.deadlineMs);
            const { remedy, askedMs, takesMs } = steps[made.length % steps.length] as (typeof steps)[number];
            const startedMs = Date.now();
            const leftMs = Math.max(0, within.deadlineMs - startedMs);
            await new Promise((resolve) => setTimeout(resolve, Math.min(takesMs, leftMs)));
            made.push({ startMs: startedMs, endMs: Date.now(), remedy });
            return failed(remedy, "E", askedMs);
          };
          const error = await settle(retry(attempt, state, call), 50);
          expect(error).toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
          const [, ...again] = made;
          for (const { startMs: atMs } of again) expect(atMs).toBeLessThan(call.deadlineMs - 100);
          expect(made.at(-1)?.endMs).toBeLessThanOrEqual(call.deadlineMs);
          // The free ones: each signature once, and three connections.
          if (background) expect(made.length).toBeLessThanOrEqual(1 + 3 + 2 + 3);
          made.forEach(({ remedy, endMs }, index) => {
            const next = made[index + 1];
            if (next === undefined) return;
            expect(["none", "look"]).not.toContain(remedy);
            expect(next.startMs - endMs).toBeLessThanOrEqual(25_000);
            if (remedy === "clock" || remedy === "credentials") expect(next.startMs).toBe(endMs);
          });
          expect(jest.getTimerCount()).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the quota of a host", () => {
  const storm = async (remedy: Remedy, calls: number): Promise<readonly (string | SecretError)[]> => {
    const all = Promise.all(
      Array.from({ length: calls }, () => retry(script([failed(remedy)]), host, callFor(60_000)).catch((e) => e)),
    );
    return (await settle(all)) as readonly (string | SecretError)[];
  };

  test.each<[Remedy, number, number]>([
    ["later", 35, 10],
    ["muchlater", 100, 0],
  ])("pays, where the remedy is %s, for %d retries of all its calls together", async (remedy, retries, left) => {
    const errors = await storm(remedy, 200);
    expect(starts.length).toBe(200 + retries);
    expect(host.tokens).toBe(left);
    expect(errors.filter((error) => /Too many calls/.test((error as SecretError).detail)).length).toBe(200);
    expect((errors.at(-1) as SecretError).detail).toBe(
      "E failed. Check it. Too many calls to this host failed lately for another try: check that it can be reached.",
    );
  });

  test("is given back by successes: what the last retry cost, 1 for a first attempt, never above 500", async () => {
    const run = (...outcomes: Tried<string>[]) => {
      starts = [];
      return settle(retry(script(outcomes), host, callFor(60_000)));
    };
    await run(given);
    expect(host.tokens).toBe(500);
    await run(failed("later"), failed("later"), given);
    expect(host.tokens).toBe(486);
    await run(failed("later"), failed("muchlater"), given);
    expect(host.tokens).toBe(472);
    await run(given);
    expect(host.tokens).toBe(473);
    await run(failed("reconnect"), given);
    expect(host.tokens).toBe(474);
  });

  test("is another one for each host", async () => {
    await storm("later", 200);
    host = { tokens: 500, clockOffsetMs: 0 };
    starts = [];
    expect(await settle(retry(script([failed("later"), given]), host, callFor(60_000)))).toBe("v");
  });
});
