import { depart } from "./batch.ts";
import { type Departure, type Entry, type Failure, type Fetched, type Flight, type Store, settled } from "./cache.ts";
import { isSecretError, type SecretError } from "./error.ts";
import type { Item } from "./item.ts";
import type { SecretValue, Target } from "./provider.ts";

/** A flight this late was overtaken by a freeze of the container: what it brings is of unknown age. */
const overtakenAfterMs = 1_000;

/** A failure is not cached; but a second in a row is remembered so long, lest a hot loop hammers a store. */
const rememberFailureMs = 1_000;

/** How a fetch is made. */
export interface Fetching {
  /** How long it may take in all, in ms. */
  readonly timeoutMs: number;
  /** Nobody waits for it. */
  readonly background: boolean;
}

/**
 * The flight under way for an item's target, or a new one. It goes out at the end of the tick, with others of its batch.
 * @returns its promise rejects with a SecretError without the secret's name
 */
export function fly(item: Item, entry: Entry, { timeoutMs, background }: Fetching): Flight {
  const nowMs = Date.now();
  if (entry.flight !== undefined && !isOvertaken(entry.flight, nowMs)) return entry.flight;
  const { store, target, reference } = item;
  const deadlineMs = nowMs + timeoutMs;
  let land: Departure["land"] = () => {};
  const answer = new Promise<SecretValue | SecretError>((resolve) => {
    land = resolve;
  });
  const promise = answer.then((result) => arrive(store, entry, flight, target, result));
  promise.catch(() => {}); // A failed refresh behind has nobody who awaits it.
  const flight: Flight = { hasLeft: false, sentMs: nowMs, deadlineMs, promise };
  entry.flight = flight;
  const attemptFailed = (error: SecretError) => {
    flight.lastAttempt = error;
  };
  depart(store, { target, reference, background, deadlineMs, attemptFailed, land }, timeoutMs);
  queueMicrotask(() => {
    flight.hasLeft = true;
  });
  return flight;
}

/** The failure that stands for a new attempt, as the last ones failed just now. */
export function rememberedFailure(entry: Entry): Failure | undefined {
  const { failure } = entry;
  if (failure === undefined || failure.inARow < 2) return undefined;
  const sinceMs = Date.now() - failure.atMs;
  return sinceMs >= 0 && sinceMs < rememberFailureMs ? failure : undefined;
}

function arrive(
  store: Store,
  entry: Entry,
  flight: Flight,
  target: Target,
  result: SecretValue | SecretError,
): Fetched {
  const nowMs = Date.now();
  const failed = isSecretError(result);
  // Forgotten, or overtaken by a freeze: it answers those who wait for it, and leaves no trace.
  const counts = entry.flight === flight && !isOvertaken(flight, nowMs);
  if (entry.flight === flight) entry.flight = undefined;
  if (failed) {
    if (counts) fail(entry, result, nowMs);
    if (counts) settled(store, entry);
    throw result;
  }
  const fetched: Fetched = {
    value: result,
    pinned: target.pinned,
    sentMs: flight.sentMs,
    freshShare: 0.7 + Math.random() * 0.25,
    decoded: new Map(),
    decodedBySchema: new WeakMap(),
  };
  if (counts) {
    entry.fetched = fetched;
    entry.failure = undefined;
    settled(store, entry);
  }
  return fetched;
}

function fail(entry: Entry, error: SecretError, atMs: number): void {
  entry.failure = { error, code: error.code, atMs, inARow: (entry.failure?.inARow ?? 0) + 1 };
  // What is refused or gone must not be served on; any other failure says nothing about the value.
  if (error.code === "ERR_SECRET_ACCESS_DENIED" || error.code === "ERR_SECRET_NOT_FOUND") entry.fetched = undefined;
}

const isOvertaken = (flight: Flight, nowMs: number): boolean => nowMs > flight.deadlineMs + overtakenAfterMs;
