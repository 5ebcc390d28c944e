import type { Departure, Store } from "./cache.ts";
import { channels, type FetchMessage } from "./channels.ts";
import { isSecretError, SecretError } from "./error.ts";
import { asSecretError, outOfTime } from "./failure.ts";
import type { Call, SecretValue } from "./provider.ts";

/** What one target got. */
export type Result = SecretValue | SecretError;

/** What many got, by their ids; one left out was not found. */
export type Results = ReadonlyMap<string, Result>;

/** Asks a provider for one target; gives its error instead of throwing. */
export async function askOne(store: Store, departure: Departure): Promise<Result> {
  const { target, background, deadlineMs, attemptFailed } = departure;
  const sentMs = Date.now();
  const result = await withinDeadline({ background, deadlineMs, attemptFailed }, async (call) =>
    checked(await store.provider.fetch(target, call)),
  );
  report(store, [departure], sentMs, result);
  return result;
}

/** Asks a provider for many targets in one call; gives one error where all failed together. */
export async function askMany(store: Store, chunk: readonly Departure[]): Promise<Results | SecretError> {
  const { provider } = store;
  const sentMs = Date.now();
  const background = chunk.every((departure) => departure.background);
  const deadlineMs = Math.min(...chunk.map((departure) => departure.deadlineMs));
  const attemptFailed = (error: SecretError) => {
    for (const departure of chunk) departure.attemptFailed(error);
  };
  const results = await withinDeadline({ background, deadlineMs, attemptFailed }, async (call) => {
    // Once each: one that was forgotten and asked for again in this tick stands here twice.
    const targets = [...new Map(chunk.map(({ target }) => [target.id, target])).values()];
    const found = await provider.batch?.fetch(targets, call);
    if (typeof found?.get !== "function") throw broken("its batch gave no Map");
    return new Map(targets.flatMap(({ id }) => (found.has(id) ? [[id, checked(found.get(id))]] : [])));
  });
  report(store, chunk, sentMs, results);
  return results;
}

/** What a call for many brought for one of them. */
export const resultOf = (results: Results | SecretError, { target }: Departure): Result =>
  isSecretError(results) ? results : (results.get(target.id) ?? missing());

/** Tells observers, if there are any, of a call that is over. */
function report({ provider }: Store, chunk: readonly Departure[], sentMs: number, results: Results | Result): void {
  const channel = chunk.every(({ background }) => background) ? channels.refresh : channels.fetch;
  if (!channel.hasSubscribers) return;
  const failures = results instanceof Map ? chunk.map((departure) => resultOf(results, departure)) : [results];
  const message: FetchMessage = {
    scheme: provider.scheme,
    references: chunk.map(({ reference }) => reference),
    sentMs,
    tookMs: Date.now() - sentMs,
    codes: failures.filter(isSecretError).map(({ code }) => code),
  };
  channel.publish(message);
}

/** Makes one call of a provider; gives its error instead of throwing, and gives up at the deadline even if it does not. */
function withinDeadline<T>(
  { background, deadlineMs, attemptFailed }: Pick<Departure, "background" | "deadlineMs" | "attemptFailed">,
  ask: (call: Call) => Promise<T>,
): Promise<T | SecretError> {
  const controller = new AbortController();
  const startMs = Date.now();
  if (startMs >= deadlineMs)
    return Promise.resolve(new SecretError("ERR_SECRET_UNAVAILABLE", "no time was left to ask."));
  let last: SecretError | undefined;
  return new Promise((resolve) => {
    const late = () => {
      resolve(outOfTime(`${deadlineMs - startMs} ms`, last, "Check that its store can be reached from here."));
      controller.abort();
    };
    const noteFailure = (error: SecretError) => {
      last = error;
      attemptFailed(error);
    };
    const timer = setTimeout(late, deadlineMs - startMs);
    ask({ signal: controller.signal, deadlineMs, background, attemptFailed: noteFailure })
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
