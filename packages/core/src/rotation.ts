import type { LoadOptions, Prepared } from "./prepared.ts";
import { reveal } from "./reveal.ts";
import type { Resolved, Secrets } from "./secret.ts";

/** How to run what uses secrets that may be rotated meanwhile. */
export interface RotationOptions {
  /** Whether what the run threw means that a secret was refused, e.g. `(error) => error.code === "28P01"` of PostgreSQL. */
  readonly isAuthenticationError: (error: unknown) => boolean;
  /** How long to wait after a refusal for the store to give another value, in ms, at most until the deadline. Default 10,000. */
  readonly patienceMs?: number;
}

/** Between two looks at whether there is another value: at least half of it, at most all. The first is at once. */
const lookDelaysMs = [250, 500, 1_000, 2_000];

/**
 * Runs `run` with the secrets. If it throws an authentication error, what it was refused with is fetched afresh (at most
 * once in 5 s for each, however many run at once) and `run` runs again; while the store still gives the old value, as it
 * does in the middle of a rotation, it looks again for `patienceMs`, at most until the deadline.
 * @param prepared the secrets
 * @param run uses them; it may run more than once, and each run gets the values of its time
 * @param options `isAuthenticationError`; `patienceMs`, default 10,000; `deadlineMs`: when to give up, in ms since the epoch
 * @returns what `run` gives
 * @throws what `run` threw last; SecretError where the first values cannot be had
 */
export async function runRotating<S extends Secrets, R>(
  prepared: Prepared<S>,
  run: (secrets: Resolved<S>) => R | Promise<R>,
  { isAuthenticationError, patienceMs = 10_000, deadlineMs = Number.POSITIVE_INFINITY }: RotationOptions & LoadOptions,
): Promise<R> {
  let secrets = prepared.current() ?? (await prepared.load({ deadlineMs }));
  for (;;) {
    const usedMs = Date.now();
    try {
      return await run(secrets);
    } catch (error) {
      // What is pinned cannot have changed: waiting for it would only keep the caller.
      if (!prepared.mayChange || !isAuthenticationError(error)) throw error;
      const fresh = await another(prepared, secrets, usedMs, Math.min(deadlineMs, Date.now() + patienceMs));
      if (fresh === undefined) throw error;
      secrets = fresh;
    }
  }
}

/** Other values than those that were refused, or undefined if there are none before the deadline. */
async function another<S extends Secrets>(
  prepared: Prepared<S>,
  refused: Resolved<S>,
  usedMs: number,
  deadlineMs: number,
): Promise<Resolved<S> | undefined> {
  let refusedMs = usedMs;
  for (let look = 0; ; look += 1) {
    // What the store says meanwhile (out of reach, denied) is not what the caller asked about: its own error is thrown.
    const fresh = await prepared.reload(refusedMs, { deadlineMs }).catch(() => refused);
    if (!isSame(fresh, refused)) return fresh;
    refusedMs = Date.now(); // The store has no other value so far: what it gave is as good as refused.
    const delayMs = (lookDelaysMs[look] ?? 2_000) * (0.5 + Math.random() / 2);
    if (!(Date.now() + delayMs < deadlineMs)) return undefined; // Neither with a deadline that is no number.
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

function isSame(one: object, other: object): boolean {
  // Not imported: an ES import of node:util costs a millisecond of each cold start, and this runs in few of them.
  return process.getBuiltinModule("node:util").isDeepStrictEqual(reveal(one), reveal(other));
}
