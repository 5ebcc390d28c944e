import type { SecretError } from "./error.ts";
import type { Provider, SecretValue, Target } from "./provider.ts";
import type { Judged, LastFailure } from "./verdict.ts";

/** A fetched value and what was decoded from it. Replaced whole, so that nothing decoded outlives its value. */
export interface Fetched extends Judged {
  readonly value: SecretValue;
  /** Decoded values by reading and reference; those with a schema by the schema first. */
  readonly decoded: Map<string, Decoded>;
  readonly decodedBySchema: WeakMap<object, Map<string, Decoded>>;
}

/** A decoded value, or the promise of one where a schema is asynchronous. */
export interface Decoded {
  /** The same object at every reading: what `resolve` returns. */
  readonly promise: Promise<unknown>;
  /** Present once decoding succeeded, so that a warm reader need not await. */
  done?: { readonly value: unknown };
}

/** A fetch under way. */
export interface Flight {
  /** Why its last attempt failed, while the provider makes another. */
  lastAttempt?: SecretError;
  /** False until the end of the tick, when it leaves with the others of its batch. */
  hasLeft: boolean;
  readonly sentMs: number;
  readonly deadlineMs: number;
  readonly promise: Promise<Fetched>;
}

/** The last attempt, where it failed, and how many failed in a row. */
export interface Failure extends LastFailure {
  readonly error: SecretError;
  readonly inARow: number;
}

/** What is known of one id of one provider. */
export interface Entry {
  readonly id: string;
  fetched?: Fetched | undefined;
  flight?: Flight | undefined;
  failure?: Failure | undefined;
  /** A `prepare` reads it at each invocation: never dropped. */
  held: boolean;
  /** When a server refused the value and it was last fetched afresh for that, in ms since the epoch. */
  reloadedMs?: number;
}

/** All that is known of one provider. */
export interface Store {
  readonly provider: Provider;
  /** In the order in which they settled, the oldest first. */
  readonly entries: Map<string, Entry>;
  /** Targets of this tick, by the batch that they go out in. */
  readonly gathering: Map<string, Departure[]>;
  /** Targets that a batch was refused for, asked for one by one. */
  readonly singles: { readonly waiting: Departure[]; active: number };
  /** How many entries a `prepare` holds. */
  heldEntries: number;
  /** Until when a refused batch keeps this provider's targets single, in ms since the epoch. */
  batchRestsUntilMs: number;
}

/** A target that waits for the end of the tick. */
export interface Departure {
  readonly target: Target;
  /** `scheme::ref`, for observers. */
  readonly reference: string;
  readonly background: boolean;
  readonly deadlineMs: number;
  readonly attemptFailed: (error: SecretError) => void;
  readonly land: (result: SecretValue | SecretError) => void;
}

/** How many settled entries a provider keeps beside the held ones. */
const maxSettledEntries = 1_000;

// Module state: one cache a container, shared by all resolvers. Keyed by the provider object, which no name can collide with.
const stores = new WeakMap<Provider, Store>();

/** What is cached of a provider; shared by every resolver that was given the same provider object. */
export function storeOf(provider: Provider): Store {
  let store = stores.get(provider);
  if (store === undefined) {
    store = {
      provider,
      entries: new Map(),
      gathering: new Map(),
      singles: { waiting: [], active: 0 },
      heldEntries: 0,
      batchRestsUntilMs: 0,
    };
    stores.set(provider, store);
  }
  return store;
}

/** The entry of an id, made if it is new. */
export function entryOf(store: Store, id: string): Entry {
  let entry = store.entries.get(id);
  if (entry === undefined) {
    entry = { id, held: false };
    store.entries.set(id, entry);
  }
  return entry;
}

/** Marks an entry as just settled, and drops the longest settled ones beyond the bound. */
export function settled(store: Store, entry: Entry): void {
  store.entries.delete(entry.id);
  store.entries.set(entry.id, entry);
  if (store.entries.size - store.heldEntries <= maxSettledEntries) return;
  const droppable = [...store.entries.values()].filter((old) => !old.held && old.flight === undefined);
  for (const old of droppable.slice(0, -maxSettledEntries)) store.entries.delete(old.id);
}

/** Keeps an entry for good: what a `prepare` reads at each invocation. */
export function hold(store: Store, entry: Entry): void {
  if (!entry.held) store.heldEntries += 1;
  entry.held = true;
}

/**
 * Drops what is cached of an id, a flight too: it still answers those who wait for it, but is not stored. One that has not
 * left yet stays, as it brings what a new one would; and so does the memory of failures, lest `forget` in a loop hammers a store.
 * @param sentBeforeMs only what was sent at or before this time, in ms since the epoch; default: all
 */
export function forgetEntry(entry: Entry, sentBeforeMs: number = Number.POSITIVE_INFINITY): void {
  if (entry.fetched !== undefined && entry.fetched.sentMs <= sentBeforeMs) entry.fetched = undefined;
  if (entry.flight?.hasLeft && entry.flight.sentMs <= sentBeforeMs) entry.flight = undefined;
}
