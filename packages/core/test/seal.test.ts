import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Call, Reference, Sealer, SecretValue } from "@serverless-secrets/core";
import { bytesToSeal, seal } from "@serverless-secrets/core/seal";
import { canary, refusal, thrown } from "./canary.ts";
import { pass, startMs, stopClock } from "./clock.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
});

function sealer(answer: (unsealed: Reference, call: Call) => Promise<Reference>) {
  const given: { unsealed: Reference; plaintext: SecretValue; call: Call }[] = [];
  const made: Sealer = {
    scheme: "s",
    seal(unsealed, plaintext, call) {
      given.push({ unsealed, plaintext, call });
      return answer(unsealed, call);
    },
    permissions: () => [],
  };
  return { given, made };
}

describe("seal", () => {
  test("gives the sealer the parsed reference and the plaintext, and formats what it returns", async () => {
    const { given, made } = sealer(async (unsealed) => ({ ...unsealed, payload: "a?b" }));
    expect(await seal(made, "s::key?name=db", "secret")).toBe("s::key::a%3Fb?name=db");
    expect(given[0]?.unsealed).toEqual({ scheme: "s", ref: "key", options: new Map([["name", "db"]]) });
    expect(given[0]?.plaintext).toBe("secret");
    expect(given[0]?.call).toMatchObject({ deadlineMs: startMs + 10_000, background: false });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("writes no member over a whole document", async () => {
    const { given, made } = sealer(async (unsealed) => unsealed);
    expect((await refusal(seal(made, "s::key#/password", "secret"))).detail).toMatch(/leave its #\/pointer out/);
    expect(given).toEqual([]);
  });

  test.each([0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])("takes no timeoutMs of %d", async (timeoutMs) => {
    const { made } = sealer(async (unsealed) => unsealed);
    expect((await refusal(seal(made, "s::key", "secret", { timeoutMs }))).code).toBe("ERR_SECRET_PROVIDER");
  });

  test("aborts at its timeoutMs", async () => {
    const { given, made } = sealer(
      (_unsealed, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
    );
    const sealed = seal(made, "s::key", "secret", { timeoutMs: 500 });
    const error = sealed.catch(String);
    await pass(499);
    expect(given[0]?.call.signal.aborted).toBe(false);
    await pass(1);
    expect(await error).toBe("Error: aborted");
  });

  test("refuses a malformed reference before anything is sealed, and quotes neither", async () => {
    const { given, made } = sealer(async (unsealed) => unsealed);
    expect((await refusal(seal(made, canary, canary))).code).toBe("ERR_SECRET_REFERENCE");
    expect(given).toEqual([]);
  });
});

describe("what is sealed", () => {
  test.each<[string, unknown, RegExp]>([
    ["nothing", "", /the secret has 0 bytes; S keeps 1 to 4/],
    ["more than is kept", "12345", /the secret has 5 bytes; S keeps 1 to 4/],
    ["half a character", "a\ud800", /no well-formed Unicode/],
    ["a variable that was not set", undefined, /neither text nor bytes/],
  ])("is not %s", (_, plaintext, message) => {
    expect(thrown(() => bytesToSeal(plaintext as string, "S keeps 1 to 4", 4))).toMatchObject({
      code: "ERR_SECRET_VALUE",
      message: expect.stringMatching(message),
    });
  });

  test("is text as UTF-8, and bytes as they are", () => {
    expect([...bytesToSeal("é", "any")]).toEqual([0xc3, 0xa9]);
    expect([...bytesToSeal(Uint8Array.of(0xff), "any")]).toEqual([0xff]);
  });
});
