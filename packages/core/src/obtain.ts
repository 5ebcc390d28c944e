import type { Entry, Fetched } from "./cache.ts";
import { channels } from "./channels.ts";
import type { SecretError } from "./error.ts";
import { outOfTime } from "./failure.ts";
import { fly, rememberedFailure } from "./flight.ts";
import type { Item } from "./item.ts";
import { isWithinStale, judge, type Limits } from "./verdict.ts";

/** How one resolver reads: for how long it takes a value for good, and how long a fetch may take. */
export interface ReadLimits extends Limits {
  /** In ms. */
  readonly timeoutMs: number;
}

/** The cached value if it may be served now, else undefined. Starts a due refresh. Synchronous; allocates nothing otherwise. */
export function peek(item: Item, entry: Entry, limits: ReadLimits, nowMs: number): Fetched | undefined {
  const { fetched } = entry;
  if (fetched === undefined) return undefined;
  const verdict = judge(fetched, entry.failure, limits, nowMs);
  if (verdict === "wait") return undefined;
  if (verdict === "refresh" && rememberedFailure(entry) === undefined) {
    fly(item, entry, { timeoutMs: limits.timeoutMs, background: true });
  }
  return fetched;
}

/**
 * The cached value if it may be served now, else what a fetch brings, shared with all who wait for the same id.
 * @param deadlineMs when this caller stops waiting, in ms since the epoch; the fetch goes on for the others
 * @throws SecretError without the secret's name
 */
export async function obtain(
  item: Item,
  entry: Entry,
  limits: ReadLimits,
  deadlineMs: number | undefined,
): Promise<Fetched> {
  const served = peek(item, entry, limits, Date.now());
  if (served !== undefined) {
    if (channels.hit.hasSubscribers) channels.hit.publish({ count: 1 });
    return served;
  }
  const remembered = rememberedFailure(entry);
  if (remembered !== undefined) throw remembered.error;
  const flight = fly(item, entry, { timeoutMs: limits.timeoutMs, background: false });
  try {
    return await beforeDeadline(flight.promise, deadlineMs, () => flight.lastAttempt);
  } catch (error) {
    // Better the last known value than none, for as long as the reader allows it, and only while the store is out of reach.
    const stale = entry.fetched;
    if ((error as SecretError).code !== "ERR_SECRET_UNAVAILABLE" || stale === undefined) throw error;
    if (!isWithinStale(stale, limits, Date.now())) throw error;
    return stale;
  }
}

/**
 * What a promise gives, or `ERR_SECRET_UNAVAILABLE` at the caller's deadline, if it has one.
 * @param deadlineMs in ms since the epoch
 * @param lastAttempt why the last attempt failed, if one did
 */
export function beforeDeadline<T>(
  promise: Promise<T>,
  deadlineMs: number | undefined,
  lastAttempt: () => SecretError | undefined = () => undefined,
): Promise<T> {
  if (deadlineMs === undefined) return promise;
  const waitMs = Math.max(0, deadlineMs - Date.now());
  return new Promise((resolve, reject) => {
    const cure = "Check that its store can be reached from here, or raise the function's timeout.";
    const late = () => reject(outOfTime(`the ${waitMs} ms that the caller had left`, lastAttempt(), cure));
    // A longer timer overflows to 1 ms; by then the fetch is over.
    const timer = setTimeout(late, Math.min(waitMs, 2 ** 31 - 1));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
