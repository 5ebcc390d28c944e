import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { SecretErrorCode } from "../src/error.ts";
import { isWithinStale, judge, type Verdict } from "../src/verdict.ts";

const ttlMs = 300_000;
const staleIfErrorMs = 3_600_000;
const limits = { ttlMs, staleIfErrorMs };
const sentMs = 1_000_000_000;
const value = { pinned: false, sentMs, freshShare: 0.8 };

const failed = (code: SecretErrorCode, agoMs: number) => ({ code, agoMs });
const unavailable = (agoMs: number) => failed("ERR_SECRET_UNAVAILABLE", agoMs);
const verdictAt = (ageMs: number, failure?: { code: SecretErrorCode; agoMs: number }) => {
  const nowMs = sentMs + ageMs;
  return judge(value, failure && { code: failure.code, atMs: nowMs - failure.agoMs }, limits, nowMs);
};

describe("the verdict on a value", () => {
  test.each<[row: string, ageMs: number, failure: { code: SecretErrorCode; agoMs: number } | undefined, Verdict]>([
    ["just sent", 0, undefined, "serve"],
    ["below its own share of ttlMs", 239_999, undefined, "serve"],
    ["below its own share, whatever failed", 239_999, failed("ERR_SECRET_PROVIDER", 0), "serve"],
    ["from its own share", 240_000, undefined, "refresh"],
    ["until ttlMs", 299_999, undefined, "refresh"],
    ["until ttlMs, whatever failed", 299_999, failed("ERR_SECRET_INTEGRITY", 5_000), "refresh"],
    ["from ttlMs, last attempt not failed", 300_000, undefined, "wait"],
    ["from ttlMs, UNAVAILABLE just now", 300_000, unavailable(0), "refresh"],
    ["from ttlMs, UNAVAILABLE less than 60 s ago", 300_000, unavailable(59_999), "refresh"],
    ["from ttlMs, UNAVAILABLE 60 s ago", 300_000, unavailable(60_000), "wait"],
    ["from ttlMs, UNAVAILABLE in the future: the clock went back", 300_000, unavailable(-1), "wait"],
    ["from ttlMs, another failure", 300_000, failed("ERR_SECRET_PROVIDER", 0), "wait"],
    ["from ttlMs, a denial", 300_000, failed("ERR_SECRET_ACCESS_DENIED", 0), "wait"],
    ["until staleIfErrorMs more", 3_899_999, unavailable(0), "refresh"],
    ["until staleIfErrorMs more, but UNAVAILABLE 60 s ago", 3_899_999, unavailable(60_000), "wait"],
    ["from staleIfErrorMs more", 3_900_000, unavailable(0), "wait"],
    ["sent in the future: the clock went back", -1, undefined, "wait"],
    ["sent in the future, UNAVAILABLE just now", -1, unavailable(0), "wait"],
  ])("%s (age %d ms)", (_row, ageMs, failure, verdict) => {
    expect(verdictAt(ageMs, failure)).toBe(verdict);
  });

  test.each([-1e12, -1, 0, ttlMs, 1e12])("pinned: always served, at age %d ms too", (ageMs) => {
    const pinned = { ...value, pinned: true };
    expect(judge(pinned, { code: "ERR_SECRET_ACCESS_DENIED", atMs: 0 }, limits, sentMs + ageMs)).toBe("serve");
  });

  test("with a ttlMs of 0 is to wait at once, and with an infinite one to serve for ever", () => {
    expect(judge(value, undefined, { ttlMs: 0, staleIfErrorMs: 0 }, sentMs)).toBe("wait");
    expect(judge(value, undefined, { ttlMs: Number.POSITIVE_INFINITY, staleIfErrorMs: 0 }, sentMs + 1e15)).toBe(
      "serve",
    );
  });

  test("with a staleIfErrorMs of 0 is never to serve past ttlMs", () => {
    expect(
      judge(value, { code: "ERR_SECRET_UNAVAILABLE", atMs: sentMs }, { ttlMs, staleIfErrorMs: 0 }, sentMs + ttlMs),
    ).toBe("wait");
  });

  test("never serves what is older than its reader allows, or comes from the future", () => {
    const ms = fc.integer({ min: -10_000, max: 10_000 });
    const span = fc.integer({ min: 0, max: 5_000 });
    const code = fc.constantFrom<SecretErrorCode>("ERR_SECRET_UNAVAILABLE", "ERR_SECRET_PROVIDER");
    fc.assert(
      fc.property(ms, span, span, fc.option(fc.record({ code, atMs: ms })), (ageMs, ttl, stale, failure) => {
        const given = { ttlMs: ttl, staleIfErrorMs: stale };
        const verdict = judge({ ...value, sentMs: 0 }, failure ?? undefined, given, ageMs);
        const limitMs = failure?.code === "ERR_SECRET_UNAVAILABLE" ? ttl + stale : ttl;
        if (verdict !== "wait") expect(ageMs >= 0 && ageMs < limitMs).toBe(true);
      }),
    );
  });
});

describe("who waited in vain may be served what is within ttlMs and staleIfErrorMs", () => {
  test.each<[ageMs: number, allowed: boolean]>([
    [-1, false],
    [0, true],
    [3_899_999, true],
    [3_900_000, false],
  ])("at age %d ms: %p", (ageMs, allowed) => {
    expect(isWithinStale(value, limits, sentMs + ageMs)).toBe(allowed);
  });
});
