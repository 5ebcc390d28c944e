import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createResolver, SecretError } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { canary, refusal, thrown } from "./canary.ts";
import { stopClock } from "./clock.ts";
import { scripted } from "./scripted.ts";
import { foreign, script } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("a provider that breaks its contract", () => {
  test.each<[string, () => unknown, string]>([
    ["throws a foreign error", foreign, "TypeError"],
    ["throws a text", () => canary, "something"],
    ["throws nothing", () => undefined, "something"],
    ["throws an error with a code", () => Object.assign(new Error(canary), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [
      "throws an error with a text for a code",
      () => Object.assign(new Error(canary), { code: `no ${canary}!` }),
      "Error",
    ],
    [
      "throws an error that cannot be looked at",
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new Error(canary);
            },
          },
        ),
      "something",
    ],
  ])("%s: the error says what it was called, and its message is dropped", async (_how, make, name) => {
    for (const reply of [
      ({ refuse }: { refuse: (error: unknown) => void }) => refuse(make()),
      () => {
        throw make();
      },
    ]) {
      const { resolve } = script({ reply });
      const error = await refusal(resolve("s::a"));
      expect(error.code).toBe("ERR_SECRET_PROVIDER");
      expect(error.cause).toEqual({ name });
      expect(error.detail).toContain(`the provider threw ${name}, which is no SecretError`);
    }
  });

  test("throws synchronously: the caller sees a rejection", async () => {
    const provider = Object.assign(scripted(), {
      fetch: () => {
        throw foreign();
      },
    });
    const { resolve } = createResolver({ providers: [provider] });
    expect((await refusal(resolve("s::a"))).code).toBe("ERR_SECRET_PROVIDER");
  });

  test.each([undefined, null, 7, {}, [canary], new ArrayBuffer(1), new Uint16Array(1)])("gives %p", async (value) => {
    const { resolve } = script({ reply: ({ answer }) => answer(value) });
    const error = await refusal(resolve("s::a"));
    expect(error.detail).toBe(
      "the provider broke its contract: it gave neither a string nor a Uint8Array. Correct the provider.",
    );
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["a promise", Promise.resolve({ id: "a", pinned: false })],
    ["a target without an id", { pinned: false }],
  ])("reads a reference as %s: two secrets are never taken for one", async (_what, target) => {
    const provider = { ...memory({ a: "x", b: "y" }), parse: () => target as never };
    const { resolve, resolveAll } = createResolver({ providers: [provider] });
    expect((await refusal(resolve("memory::a"))).code).toBe("ERR_SECRET_PROVIDER");
    expect((await refusal(resolveAll({ b: "memory::b" }))).secretName).toBe("b");
  });

  test("throws a foreign error from parse: dropped, and named", async () => {
    const provider = {
      ...memory({}),
      parse: () => {
        throw foreign();
      },
    };
    const { resolve, prepare } = createResolver({ providers: [provider] });
    expect((await refusal(resolve("memory::a"))).detail).toMatch(/^the provider's parse threw TypeError/);
    expect(thrown(() => prepare({ db: "memory::a" })).secretName).toBe("db");
  });

  test("throws a SecretError with a foreign error for its cause: only name, status and requestId are kept", async () => {
    const cause = Object.assign(foreign(), { status: 400, requestId: "r-1" });
    const { resolve } = script({
      reply: ({ refuse }) => refuse(new SecretError("ERR_SECRET_NOT_FOUND", "gone.", { cause })),
    });
    const error = await refusal(resolve("s::a"));
    expect(error.cause).toEqual({ name: "TypeError", status: 400, requestId: "r-1" });
  });
});
