import { type Entry, entryOf, type Fetched } from "./cache.ts";
import { channels } from "./channels.ts";
import { decode } from "./decode.ts";
import { isSecretError, SecretError } from "./error.ts";
import { gathered } from "./failure.ts";
import { currentFakes, type FakeLookup } from "./fakes.ts";
import { decoded, failureOfItem, type Item } from "./item.ts";
import { beforeDeadline, obtain, type ReadLimits } from "./obtain.ts";

/** What was loaded: the decoded values, and what each was decoded from, in the items' order. */
export interface Loaded {
  readonly values: readonly unknown[];
  readonly sources: readonly (Fetched | undefined)[];
}

/**
 * Values of all items, in their order. Items of one id are read from one fetch, so that a user and a password fit together.
 * @param outcomes items, and the errors of those that could not be made ready
 * @param deadlineMs when the caller stops waiting, in ms since the epoch
 * @throws SecretError one for all failures, in the items' order
 */
export async function load(
  outcomes: readonly (Item | SecretError)[],
  limits: ReadLimits,
  deadlineMs: number | undefined,
): Promise<Loaded> {
  const fakes = currentFakes();
  const obtained = new Map<Entry, Promise<Fetched>>();
  const sources: (Fetched | undefined)[] = [];
  const loadItem = async (item: Item | SecretError, index: number): Promise<unknown> => {
    if (isSecretError(item)) throw item;
    if (fakes !== undefined) return fake(item, fakes);
    const entry = entryOf(item.store, item.target.id);
    const pending = obtained.get(entry) ?? obtain(item, entry, limits, deadlineMs);
    obtained.set(entry, pending);
    const fetched = await pending;
    sources[index] = fetched;
    // An asynchronous schema takes its time too.
    return beforeDeadline(decoded(fetched, item).promise, deadlineMs);
  };
  const results = await Promise.allSettled(
    outcomes.map((item, index) =>
      loadItem(item, index).catch((error: unknown) => {
        throw isSecretError(item) ? item : failureOfItem(error, item);
      }),
    ),
  );
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as SecretError] : []));
  if (channels.error.hasSubscribers) {
    for (const { code, secretName, reference } of errors) channels.error.publish({ code, secretName, reference });
  }
  if (errors.length > 0) throw gathered(errors, outcomes.length);
  return { values: results.map((result) => (result as PromiseFulfilledResult<unknown>).value), sources };
}

function fake({ secret }: Item, fakes: FakeLookup): unknown {
  const answer = fakes(secret.reference);
  if (answer === undefined) {
    throw new SecretError("ERR_SECRET_NOT_FOUND", "withFakeSecrets was given no value for this reference. Add one.");
  }
  return decode(answer.value, { as: secret.as, pointer: answer.pointer, schema: secret.schema });
}
