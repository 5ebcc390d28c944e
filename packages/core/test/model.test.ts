import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createResolver, SecretError, type SecretErrorCode } from "@serverless-secrets/core";
import fc from "fast-check";
import { freeze, pass, settle, stopClock } from "./clock.ts";
import { type Asked, scripted } from "./scripted.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
});

const readers = [
  { ttlMs: 10_000, staleIfErrorMs: 20_000, timeoutMs: 5_000 },
  { ttlMs: 3_000, staleIfErrorMs: 0, timeoutMs: 2_000 },
] as const;
const names = ["a", "b", "pinned::1"] as const;
const codes = [
  "ERR_SECRET_UNAVAILABLE",
  "ERR_SECRET_ACCESS_DENIED",
  "ERR_SECRET_NOT_FOUND",
  "ERR_SECRET_PROVIDER",
] as const;

type Step =
  | { do: "read"; reader: number; name: number; leftMs: number | undefined }
  | { do: "current"; reader: number }
  | { do: "answer"; which: number }
  | { do: "refuse"; which: number; code: SecretErrorCode }
  | { do: "pass" | "freeze"; ms: number }
  | { do: "forget"; name: number; agoMs: number | undefined };

const small = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      reader: fc.nat(1),
      name: fc.nat(2),
      leftMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined, freq: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("current" as const), reader: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("answer" as const), which: small }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("refuse" as const), which: small, code: fc.constantFrom(...codes) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("pass" as const, "freeze" as const),
      ms: fc.integer({ min: 0, max: 4_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("freeze" as const), ms: fc.integer({ min: 5_000, max: 40_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("forget" as const),
      name: fc.nat(2),
      agoMs: fc.option(fc.nat(3_000), { nil: undefined }),
    }),
  },
);

/** What is known of a call, in the plainest terms. */
interface Fetch {
  readonly asked: Asked;
  readonly id: string;
  readonly sentMs: number;
  state: "in flight" | "answered" | "failed";
  failedWith?: SecretErrorCode;
  /** When it was given up. */
  abortedMs: number | undefined;
  /** Forgotten, or overtaken by a freeze. */
  detached: boolean;
  /** Nobody who asks from now on may be given what it brought. */
  dropped: boolean;
}

/** How many of the interesting things happened in all runs: a test that meets none proves nothing. */
const met = { hit: 0, waited: 0, stale: 0, detached: 0, dropped: 0, refreshed: 0 };

async function run(steps: readonly Step[]): Promise<void> {
  const provider = scripted();
  const resolvers = readers.map((limits) => createResolver({ providers: [provider], ...limits }));
  const prepared = resolvers.map((one) => one.prepare({ a: "s::a", b: "s::b", p: "s::pinned::1" }));
  const fetches: Fetch[] = [];
  const lastFailure = new Map<string, SecretErrorCode>();

  /** Takes note of calls that were made or given up since, and judges that they might be made. */
  const observe = () => {
    const nowMs = Date.now();
    for (const fetch of fetches) {
      if (fetch.state !== "in flight") continue;
      if ((fetch.abortedMs ?? nowMs) > fetch.asked.call.deadlineMs + 1_000) fetch.detached = true;
      if (fetch.abortedMs === undefined) continue;
      fetch.state = "failed";
      fetch.failedWith = "ERR_SECRET_UNAVAILABLE";
      if (!fetch.detached) lastFailure.set(fetch.id, "ERR_SECRET_UNAVAILABLE");
    }
    for (const asked of provider.asked.slice(fetches.length)) {
      const id = asked.ids[0] as string;
      const others = fetches.filter((fetch) => fetch.id === id);
      expect(others.filter(({ state, detached }) => state === "in flight" && !detached)).toEqual([]);
      if (id.startsWith("pinned")) {
        expect(others.filter(({ state, detached, dropped }) => state === "answered" && !detached && !dropped)).toEqual(
          [],
        );
      }
      if (asked.call.background) met.refreshed += 1;
      const fetch: Fetch = {
        asked,
        id,
        sentMs: nowMs,
        state: "in flight",
        abortedMs: undefined,
        detached: false,
        dropped: false,
      };
      asked.call.signal.addEventListener("abort", () => {
        fetch.abortedMs = Date.now();
      });
      fetches.push(fetch);
    }
  };

  /** Judges that a reader might be given this value, which it asked for at a time. */
  const judge = (
    value: string,
    id: string,
    reader: number,
    asked: { atMs: number; hasDeadline: boolean; open: Fetch[] },
  ) => {
    const fetch = fetches[Number(value)] as Fetch;
    expect(fetch.id).toBe(id);
    const { ttlMs, staleIfErrorMs } = readers[reader] as (typeof readers)[number];
    // It was under way when it was asked for, or was made for it: this caller waited for it.
    if (asked.open.includes(fetch)) {
      met.waited += 1;
      return;
    }
    expect(fetch.dropped).toBe(false);
    const ageMs = asked.atMs - fetch.sentMs;
    expect(ageMs).toBeGreaterThanOrEqual(0);
    if (id.startsWith("pinned") || ageMs < ttlMs) {
      met.hit += 1;
      return;
    }
    met.stale += 1;
    expect(ageMs).toBeLessThan(ttlMs + staleIfErrorMs);
    const failures = [lastFailure.get(id), ...asked.open.filter((own) => own.id === id).map((own) => own.failedWith)];
    expect(asked.hasDeadline || failures.includes("ERR_SECRET_UNAVAILABLE")).toBe(true);
  };

  const openFetches = () =>
    fetches.filter(({ state, dropped, detached }) => state === "in flight" && !dropped && !detached);

  const take: { [D in Step["do"]]: (step: Extract<Step, { do: D }>) => void | Promise<void> } = {
    read({ reader, name, leftMs }) {
      const id = names[name] as string;
      const atMs = Date.now();
      observe();
      const open = openFetches();
      const known = fetches.length;
      const options = leftMs === undefined ? {} : { deadlineMs: atMs + leftMs };
      const value = resolvers[reader]?.resolve(`s::${id}`, options) as Promise<string>;
      value
        .then(
          (given) => {
            observe();
            judge(given, id, reader, {
              atMs,
              hasDeadline: leftMs !== undefined,
              open: [...open, ...fetches.slice(known)],
            });
          },
          () => {},
        )
        .catch((broken) => failures.push(broken));
    },
    current({ reader }) {
      observe();
      const current = prepared[reader]?.current();
      if (current === undefined) return;
      expect(prepared[reader]?.current()).toBe(current);
      const asked = { atMs: Date.now(), hasDeadline: false, open: [] };
      judge(current.a, "a", reader, asked);
      judge(current.b, "b", reader, asked);
      judge(current.p, "pinned::1", reader, asked);
    },
    answer({ which }) {
      const pending = fetches.filter(({ state }) => state === "in flight");
      const fetch = pending[which % pending.length];
      if (fetch === undefined) return;
      fetch.state = "answered";
      if (fetch.detached) met.detached += 1;
      else lastFailure.delete(fetch.id);
      if (fetch.detached) fetch.dropped = true;
      fetch.asked.answer(String(fetches.indexOf(fetch)));
    },
    refuse({ which, code }) {
      const pending = fetches.filter(({ state }) => state === "in flight");
      const fetch = pending[which % pending.length];
      if (fetch === undefined) return;
      fetch.state = "failed";
      fetch.failedWith = code;
      fetch.asked.refuse(new SecretError(code, "refused."));
      if (fetch.detached) return;
      lastFailure.set(fetch.id, code);
      if (code !== "ERR_SECRET_ACCESS_DENIED" && code !== "ERR_SECRET_NOT_FOUND") return;
      for (const other of fetches) {
        if (other.id === fetch.id && other.state === "answered") {
          other.dropped = true;
          met.dropped += 1;
        }
      }
    },
    pass: ({ ms }) => pass(ms),
    freeze: ({ ms }) => freeze(ms),
    forget({ name, agoMs }) {
      observe();
      const id = names[name] as string;
      const beforeMs = agoMs === undefined ? undefined : Date.now() - agoMs;
      resolvers[0]?.forget(`s::${id}`, beforeMs);
      for (const fetch of fetches) {
        if (fetch.id !== id || fetch.sentMs > (beforeMs ?? Number.POSITIVE_INFINITY)) continue;
        fetch.detached = true;
        fetch.dropped = true;
      }
    },
  };

  const failures: unknown[] = [];
  for (const one of steps) {
    await take[one.do](one as never);
    await settle();
    observe();
    if (failures.length > 0) throw failures[0];
  }
  await pass(60_000);
  await settle();
  if (failures.length > 0) throw failures[0];
}

test("against a plain model: no value too old, forgotten or dropped; no two calls for one id; pinned once", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: "max" }), run), {
    numRuns: 2_000,
    endOnFailure: false,
  });
  for (const [what, times] of Object.entries(met)) expect({ what, often: times > 20 }).toEqual({ what, often: true });
}, 60_000);
