import { type Entry, entryOf, type Fetched, hold } from "./cache.ts";
import { channels } from "./channels.ts";
import { conceal } from "./conceal.ts";
import type { SecretError } from "./error.ts";
import { gathered } from "./failure.ts";
import { currentFakes } from "./fakes.ts";
import { fly } from "./flight.ts";
import { decoded, failureOfItem, type Item } from "./item.ts";
import { load } from "./load.ts";
import { beforeDeadline, peek, type ReadLimits } from "./obtain.ts";
import type { Resolved, Secrets } from "./secret.ts";

/** When a caller stops waiting. */
export interface LoadOptions {
  /** In ms since the epoch. Default: the fetch's own time limit alone. */
  readonly deadlineMs?: number | undefined;
}

/** A set of secrets made ready for use at each invocation. */
export interface Prepared<S extends Secrets> {
  /** Whether any of the values can ever become another: a pinned one cannot. */
  readonly mayChange: boolean;
  /**
   * The values if all may be served now (a due refresh starts behind), else undefined. Never throws; gives the same
   * object, and allocates nothing, while nothing has changed. A refreshed value makes a new object.
   */
  current(): Resolved<S> | undefined;
  /**
   * The values, fetched where they must be.
   * @throws SecretError one for all that failed, in the properties' order
   */
  load(options?: LoadOptions): Promise<Resolved<S>>;
  /**
   * The values after a server refused them: fetches afresh what may have changed since, each at most once in 5 s however
   * many ask. What it replaces stays in place until it lands.
   * @param usedMs when the refused values were in use, in ms since the epoch: what was asked for later is fresh already
   * @throws SecretError as `load`
   */
  reload(usedMs: number, options?: LoadOptions): Promise<Resolved<S>>;
}

/** A value is fetched afresh for a server that refuses it at most once in so long, lest a wrong password hammers a store. */
const reloadIntervalMs = 5_000;

/** Prepares items for use at each invocation. They stay in the cache for good. */
export function prepareItems<S extends Secrets>(
  names: readonly string[],
  items: readonly Item[],
  limits: ReadLimits,
): Prepared<S> {
  const entries = items.map(({ store, target }) => {
    const entry: Entry = entryOf(store, target.id);
    hold(store, entry);
    return entry;
  });
  let sources: readonly (Fetched | undefined)[] = [];
  let secrets: Resolved<S> | undefined;

  const show = (values: readonly unknown[], from: readonly (Fetched | undefined)[]): Resolved<S> => {
    sources = from;
    secrets = conceal(names, values) as Resolved<S>;
    return secrets;
  };

  /** Whether all may be served; starts the refreshes that are due, of all. */
  const areServable = (): boolean => {
    const nowMs = Date.now();
    let servable = true;
    for (let i = 0; i < items.length; i += 1) {
      if (peek(items[i] as Item, entries[i] as Entry, limits, nowMs) === undefined) servable = false;
    }
    return servable;
  };

  const isUnchanged = (): boolean => {
    for (let i = 0; i < entries.length; i += 1) if ((entries[i] as Entry).fetched !== sources[i]) return false;
    return secrets !== undefined;
  };

  const takeOff = (item: Item, entry: Entry, usedMs: number): Promise<unknown>[] => {
    const { fetched, flight, reloadedMs = Number.NEGATIVE_INFINITY } = entry;
    if (fetched === undefined || fetched.pinned || fetched.sentMs > usedMs) return [];
    const sinceReloadMs = Date.now() - reloadedMs;
    if (sinceReloadMs >= 0 && sinceReloadMs < reloadIntervalMs) return flight === undefined ? [] : [flight.promise];
    entry.reloadedMs = Date.now();
    if (flight !== undefined && flight.sentMs <= usedMs) entry.flight = undefined;
    return [fly(item, entry, { timeoutMs: limits.timeoutMs, background: false }).promise];
  };

  const mayChange = items.some(({ target }) => !target.pinned);
  const countHits = () => {
    if (channels.hit.hasSubscribers) channels.hit.publish({ count: items.length });
  };

  const prepared: Prepared<S> = {
    get mayChange() {
      // Fakes stay what they are: to wait for others would only keep the test.
      return currentFakes() === undefined && mayChange;
    },
    current() {
      if (currentFakes() !== undefined || !areServable()) return undefined;
      if (isUnchanged()) {
        countHits();
        return secrets;
      }
      const fetched = entries.map((entry) => entry.fetched as Fetched);
      const done = items.map((item, i) => decoded(fetched[i] as Fetched, item).done);
      if (!done.every((result) => result !== undefined)) return undefined;
      countHits();
      return show(
        done.map((result) => result.value),
        fetched,
      );
    },
    async load({ deadlineMs } = {}) {
      const loaded = await load(items, limits, deadlineMs);
      return show(loaded.values, loaded.sources);
    },
    async reload(usedMs, options = {}) {
      if (currentFakes() !== undefined) return prepared.load(options);
      const flights = items.map(async (item, i) => {
        await Promise.all(takeOff(item, entries[i] as Entry, usedMs)).catch((error: unknown) => {
          throw failureOfItem(error, item);
        });
      });
      const results = await beforeDeadline(Promise.allSettled(flights), options.deadlineMs);
      const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as SecretError] : []));
      if (errors.length > 0) throw gathered(errors, items.length);
      return prepared.current() ?? prepared.load(options);
    },
  };
  return prepared;
}
