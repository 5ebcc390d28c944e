import { afterEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { askedDelayMs, retryDelayMs } from "../src/delay.ts";
import { startMs, stopClock } from "./clock.ts";

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** The delay that the highest draw gives, and the lowest. */
function range(retries: number, throttled: boolean): readonly [number, number] {
  const random = jest.spyOn(Math, "random");
  random.mockReturnValue(0);
  const least = retryDelayMs(retries, throttled);
  random.mockReturnValue(1 - Number.EPSILON);
  const most = retryDelayMs(retries, throttled);
  random.mockRestore();
  return [least, most];
}

describe("a delay is drawn between 0 and a bound", () => {
  test.each([
    [0, false, 49],
    [1, false, 99],
    [3, false, 399],
    [8, false, 12_799],
    [9, false, 19_999],
    [2_000, false, 19_999],
    [0, true, 999],
    [1, true, 1_999],
    [4, true, 15_999],
    [5, true, 19_999],
  ])("after %d retries, throttled: %s, of %d ms", (retries, throttled, most) => {
    expect(range(retries, throttled)).toEqual([0, most]);
  });

  test("which the server may raise, by 5 s at most, and not lower", () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.boolean(),
        fc.option(fc.nat(100_000), { nil: undefined }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retries, throttled, askedMs, draw) => {
          const random = jest.spyOn(Math, "random").mockReturnValue(draw);
          const ownMs = retryDelayMs(retries, throttled);
          const delayMs = retryDelayMs(retries, throttled, askedMs);
          random.mockRestore();
          expect(ownMs).toBeLessThan(Math.min(20_000, (throttled ? 1_000 : 50) * 2 ** retries));
          expect(ownMs).toBeGreaterThanOrEqual(0);
          if (askedMs === undefined || askedMs <= ownMs) expect(delayMs).toBe(ownMs);
          else expect(delayMs).toBe(Math.min(askedMs, ownMs + 5_000));
        },
      ),
    );
  });
});

describe("a server asks for a delay", () => {
  const date = new Date(startMs).toUTCString();
  const in3Seconds = new Date(startMs + 3_000).toUTCString();

  test.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "retry-after": "2" }, 2_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": in3Seconds }, 3_000],
    [{ "retry-after": date }, 0],
    [{ "retry-after": new Date(startMs - 9_000).toUTCString() }, 0],
    // By its own clock, whatever ours says.
    [
      { "retry-after": new Date(startMs + 3_603_000).toUTCString(), date: new Date(startMs + 3_600_000).toUTCString() },
      3_000,
    ],
    [{ "x-amz-retry-after": "250" }, 250],
    [{ "x-amz-retry-after": "250", "retry-after": "9" }, 250],
    [{ "x-amz-retry-after": "soon", "retry-after": "9" }, 9_000],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "later" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "x-amz-retry-after": "Infinity" }, undefined],
  ])("%j", (headers, ms) => {
    stopClock();
    expect(askedDelayMs(headers)).toBe(ms);
  });
});
