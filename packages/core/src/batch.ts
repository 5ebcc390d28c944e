import { askMany, askOne, resultOf } from "./ask.ts";
import type { Departure, Store } from "./cache.ts";
import { isSecretError } from "./error.ts";

/** How many single fetches of a provider stand in for refused batches at once. */
const maxSinglesAtOnce = 8;

/** How long a provider's batching rests after a batch was refused as a whole. */
const batchRestMs = 60_000;

/** Queues a target; at the end of the tick all that wait go out, in as few calls as the provider allows. */
export function depart(store: Store, departure: Departure, timeoutMs: number): void {
  if (store.gathering.size === 0) queueMicrotask(() => sendAll(store));
  const { batch } = departure.target;
  // Without a batch key it shares with nobody: a number that no other has.
  const key = batch === undefined ? `alone ${store.gathering.size}` : `${timeoutMs} ${batch}`;
  const group = store.gathering.get(key);
  if (group === undefined) store.gathering.set(key, [departure]);
  else group.push(departure);
}

function sendAll(store: Store): void {
  const groups = [...store.gathering.values()];
  store.gathering.clear();
  const size = store.provider.batch?.size ?? 1;
  const rests = Date.now() < store.batchRestsUntilMs;
  for (const group of groups) {
    if (rests && group.length > 1) sendSingly(store, group);
    else for (let start = 0; start < group.length; start += size) void send(store, group.slice(start, start + size));
  }
}

async function send(store: Store, chunk: readonly Departure[]): Promise<void> {
  const [first] = chunk;
  if (first === undefined) return;
  if (chunk.length === 1) return first.land(await askOne(store, first));
  const results = await askMany(store, chunk);
  const unavailable = isSecretError(results) && results.code === "ERR_SECRET_UNAVAILABLE";
  if (isSecretError(results) && (!unavailable || store.provider.batch?.aloneIfUnavailable === true)) {
    // The store answered for all at once, e.g. that batches are forbidden: what each would get alone is another question.
    store.batchRestsUntilMs = Date.now() + batchRestMs;
    return sendSingly(store, chunk);
  }
  for (const departure of chunk) departure.land(resultOf(results, departure));
}

function sendSingly(store: Store, departures: readonly Departure[]): void {
  store.singles.waiting.push(...departures);
  fillSingles(store);
}

function fillSingles(store: Store): void {
  const { singles } = store;
  while (singles.active < maxSinglesAtOnce && singles.waiting.length > 0) {
    const next = singles.waiting.shift() as Departure;
    singles.active += 1;
    void askOne(store, next).then((result) => {
      singles.active -= 1;
      next.land(result);
      fillSingles(store);
    });
  }
}
