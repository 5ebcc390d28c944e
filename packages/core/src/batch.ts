import type { Departure, Store } from "./cache.ts";
import { isSecretError, SecretError } from "./error.ts";
import { asSecretError } from "./failure.ts";
import type { Call, SecretValue } from "./provider.ts";

/** How many single fetches stand in for a refused batch at once. */
const maxSinglesAtOnce = 8;

/** How long a provider's batching rests after a batch was refused as a whole. */
const batchRestMs = 60_000;

type Result = SecretValue | SecretError;

/** Queues a target; at the end of the tick all that wait go out, in as few calls as the provider allows. */
export function depart(store: Store, departure: Departure, timeoutMs: number): void {
  if (store.gathering.size === 0) queueMicrotask(() => sendAll(store));
  const { batch } = departure.target;
  const rests = Date.now() < store.batchRestsUntilMs;
  // Without a batch key it shares with nobody: a number that no other has.
  const key = batch === undefined || rests ? `alone ${store.gathering.size}` : `${timeoutMs} ${batch}`;
  const group = store.gathering.get(key);
  if (group === undefined) store.gathering.set(key, [departure]);
  else group.push(departure);
}

function sendAll(store: Store): void {
  const groups = [...store.gathering.values()];
  store.gathering.clear();
  const size = Math.max(1, store.provider.batch?.size ?? 1);
  for (const group of groups) {
    for (let start = 0; start < group.length; start += size) void send(store, group.slice(start, start + size));
  }
}

async function send(store: Store, chunk: readonly Departure[]): Promise<void> {
  const [first] = chunk;
  if (first === undefined) return;
  if (chunk.length === 1) return first.land(await alone(store, first));
  const results = await together(store, chunk);
  if (!isSecretError(results)) {
    for (const departure of chunk) departure.land(results.get(departure.target.id) ?? missing());
    return;
  }
  // The store answered for all at once, e.g. that batches are forbidden: what each would get alone is another question.
  const unavailable = results.code === "ERR_SECRET_UNAVAILABLE";
  if (unavailable && store.provider.batch?.aloneIfUnavailable !== true) {
    for (const departure of chunk) departure.land(results);
    return;
  }
  store.batchRestsUntilMs = Date.now() + batchRestMs;
  const queue = [...chunk];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) next.land(await alone(store, next));
  };
  await Promise.all(Array.from({ length: maxSinglesAtOnce }, work));
}

const alone = (store: Store, { target, ...circumstances }: Departure): Promise<Result> =>
  withinDeadline(circumstances, async (call) => checked(await store.provider.fetch(target, call)));

function together(
  { provider }: Store,
  chunk: readonly Departure[],
): Promise<ReadonlyMap<string, Result> | SecretError> {
  const background = chunk.every((departure) => departure.background);
  const deadlineMs = Math.min(...chunk.map((departure) => departure.deadlineMs));
  return withinDeadline({ background, deadlineMs }, async (call) => {
    // Once each: one that was forgotten and asked for again in this tick stands here twice.
    const targets = [...new Map(chunk.map(({ target }) => [target.id, target])).values()];
    const found = await provider.batch?.fetch(targets, call);
    if (typeof found?.get !== "function") throw broken("its batch gave no Map");
    return new Map(targets.flatMap(({ id }) => (found.has(id) ? [[id, checked(found.get(id))]] : [])));
  });
}

/** Makes one call of a provider; gives its error instead of throwing, and gives up at the deadline even if it does not. */
function withinDeadline<T>(
  { background, deadlineMs }: Pick<Call, "background" | "deadlineMs">,
  ask: (call: Call) => Promise<T>,
): Promise<T | SecretError> {
  const controller = new AbortController();
  const startMs = Date.now();
  if (startMs >= deadlineMs)
    return Promise.resolve(new SecretError("ERR_SECRET_UNAVAILABLE", "no time was left to ask."));
  return new Promise((resolve) => {
    const late = () => {
      resolve(
        new SecretError(
          "ERR_SECRET_UNAVAILABLE",
          `no answer within ${deadlineMs - startMs} ms. Check that its store can be reached from here.`,
        ),
      );
      controller.abort();
    };
    const timer = setTimeout(late, deadlineMs - startMs);
    ask({ signal: controller.signal, deadlineMs, background })
      .catch((thrown: unknown) => asSecretError(thrown, "the provider"))
      .then(resolve)
      .finally(() => clearTimeout(timer));
  });
}

function checked(value: unknown): Result {
  // By tag: a Uint8Array of another realm is one too.
  const isBytes = Object.prototype.toString.call(value) === "[object Uint8Array]";
  if (typeof value === "string" || isBytes || isSecretError(value)) return value as Result;
  return broken("it gave neither a string nor a Uint8Array");
}

const broken = (how: string): SecretError =>
  new SecretError("ERR_SECRET_PROVIDER", `the provider broke its contract: ${how}. Correct the provider.`);

const missing = (): SecretError =>
  new SecretError("ERR_SECRET_NOT_FOUND", "the store holds no such secret. Correct the reference, or create it.");
