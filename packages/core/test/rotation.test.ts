import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { runRotating } from "@serverless-secrets/core";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { freeze, pass, startMs, stopClock } from "./clock.ts";
import { denied, oneValue, unavailable } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
});

/** A database: lets in whoever knows its password. */
function database(password: string) {
  const refused = Object.assign(new Error("password authentication failed"), { code: "28P01" });
  const server = {
    password,
    tries: 0,
    async query({ pw }: { readonly pw: string }) {
      server.tries += 1;
      if (pw !== server.password) throw refused;
      return `with ${pw}`;
    },
  };
  return { server, refused, isAuthenticationError: (error: unknown) => (error as { code?: string }).code === "28P01" };
}

function setting() {
  const store = oneValue();
  const db = database("first");
  const prepared = store.prepare({ pw: "memory::a" });
  const query = (deadlineMs?: number) =>
    runRotating(prepared, db.server.query, {
      isAuthenticationError: db.isAuthenticationError,
      ...(deadlineMs !== undefined && { deadlineMs, patienceMs: 60_000 }),
    });
  return { ...store, ...db, prepared, query };
}

describe("when a secret is refused", () => {
  test("what the store has meanwhile is fetched, and the function runs again", async () => {
    const { stored, server, query, provider } = setting();
    expect(await query()).toBe("with first");
    stored.a = server.password = "second";
    freeze(10_000);
    expect(await query()).toBe("with second");
    expect(await query()).toBe("with second");
    expect([provider.calls.length, server.tries]).toEqual([2, 4]);
  });

  test("1,000 that run at once across a rotation cost one fetch", async () => {
    const { stored, server, query, provider } = setting();
    await query();
    stored.a = server.password = "second";
    freeze(10_000);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => query()));
    expect(new Set(answers)).toEqual(new Set(["with second"]));
    expect(provider.calls.length).toBe(2);
  });

  test("while the store still has the old value it is asked again, every 5 s at most, until it has the new one", async () => {
    const { stored, server, query, provider } = setting();
    await query();
    server.password = "second";
    freeze(10_000);
    const answer = query(Date.now() + 60_000);
    await pass(4_999);
    expect(provider.calls.length).toBe(2);
    await pass(3_000);
    expect(provider.calls.length).toBe(3);
    stored.a = "second";
    await pass(8_000);
    expect(await answer).toBe("with second");
    expect([provider.calls.length, server.tries]).toEqual([4, 3]);
  });

  test("its own error comes when the deadline passes first", async () => {
    const { server, query, refused } = setting();
    await query();
    server.password = "never in the store";
    const answer = query(startMs + 3_000).catch((error: unknown) => ({ error, atMs: Date.now() }));
    await pass(3_000);
    const { error, atMs } = (await answer) as { error: unknown; atMs: number };
    expect(error).toBe(refused);
    expect(atMs).toBeLessThanOrEqual(startMs + 3_000);
  });

  test("its own error comes after 10 s where there is no deadline", async () => {
    const { server, query, refused } = setting();
    server.password = "never in the store";
    const answer = query().catch((error: unknown) => error);
    await pass(10_000);
    expect(await answer).toBe(refused);
  });

  test.each([
    ["out of reach", unavailable()],
    ["closed to it", denied()],
  ])("its own error comes, too, where the store is %s", async (_, failure) => {
    const { stored, server, query, refused } = setting();
    await query();
    stored.a = failure;
    server.password = "second";
    freeze(10_000);
    const answer = query().catch((error: unknown) => error);
    await pass(10_000);
    expect(await answer).toBe(refused);
  });
});

test("any other error is thrown as it is, and nothing is fetched", async () => {
  const { prepared, provider, isAuthenticationError } = setting();
  const broken = new Error("syntax error");
  const run = () => Promise.reject(broken);
  await expect(runRotating(prepared, run, { isAuthenticationError })).rejects.toBe(broken);
  expect(provider.calls.length).toBe(1);
});

test("a pinned value is not fetched again: it cannot have changed", async () => {
  const { stored, prepare, provider, isAuthenticationError } = setting();
  stored["a::1"] = "pinned";
  const run = () => Promise.reject(Object.assign(new Error(), { code: "28P01" }));
  const failed = runRotating(prepare({ pw: "memory::a::1" }), run, { isAuthenticationError }).catch(() => "failed");
  expect(await failed).toBe("failed"); // at once
  expect(provider.calls).toEqual([["a::1"]]);
});

test("a value that is already newer than the refused one is not fetched again", async () => {
  const { prepared, provider } = setting();
  await prepared.load();
  await prepared.reload(startMs - 1);
  expect(provider.calls.length).toBe(1);
});

test("the old value serves others until the new one lands", async () => {
  const { prepared, stored } = setting();
  await prepared.load();
  stored.a = "second";
  const reloaded = prepared.reload(startMs);
  expect(prepared.current()?.pw).toBe("first");
  expect((await reloaded).pw).toBe("second");
});

test("with fakes a refusal is told at once: they stay what they are", async () => {
  const { query, refused } = setting();
  const answer = withFakeSecrets({ "memory::a": "wrong" }, () => query().catch((error: unknown) => error));
  expect(await answer).toBe(refused);
});

test("a reload that fails names each secret, as a load does", async () => {
  const { prepare, stored } = setting();
  stored.b = "x";
  const both = prepare({ one: "memory::a", two: "memory::b" });
  await both.load();
  Object.assign(stored, { a: denied(), b: denied() });
  const error = await both.reload(startMs).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ errors: [{ secretName: "one" }, { secretName: "two" }] });
});

test("with fakes nothing is fetched", async () => {
  const { server, query, provider } = setting();
  server.password = "fake";
  expect(await withFakeSecrets({ "memory::a": "fake" }, () => query())).toBe("with fake");
  expect(provider.calls).toEqual([]);
});
