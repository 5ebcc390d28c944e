import { AsyncLocalStorage } from "node:async_hooks";
import { type FakeAnswer, type FakeLookup, installFakes } from "../fakes.ts";

const fakes = new AsyncLocalStorage<FakeLookup>();

/**
 * Runs a test with values in place of secrets: whatever resolves a reference inside of `run`, also through a middleware
 * made before, gets the fake, and nothing is fetched or cached. Works while others run at the same time.
 * @param values by reference as written in the code under test. With its `#/pointer` the value stands for the member
 * alone; without, for what the store holds. An object stands for its JSON text, and an Error is thrown
 * @param run the test
 * @returns what `run` gives
 * @throws what `run` throws; a reference that is not among the fakes fails with `ERR_SECRET_NOT_FOUND`
 */
export async function withFakeSecrets<T>(
  values: Readonly<Record<string, string | Uint8Array | object>>,
  run: () => T | Promise<T>,
): Promise<T> {
  installFakes(() => fakes.getStore());
  const lookup: FakeLookup = (reference) => {
    const [whole, pointer] = reference.split(/#(.*)/s) as [string, string?];
    if (Object.hasOwn(values, reference))
      return pointer === undefined ? stored(values[reference]) : member(values[reference]);
    return Object.hasOwn(values, whole) ? { ...stored(values[whole]), pointer } : undefined;
  };
  return fakes.run(lookup, async () => run());
}

function stored(value: unknown): FakeAnswer {
  if (value instanceof Error) throw value;
  const asIs = typeof value === "string" || isBytes(value);
  return { value: asIs ? (value as string | Uint8Array) : JSON.stringify(value), pointer: undefined };
}

/** A document of one member: there a text is a text for `json` too, as it is in a store. */
const member = (value: unknown): FakeAnswer =>
  isBytes(value) || value instanceof Error ? stored(value) : { value: JSON.stringify([value]), pointer: "/0" };

const isBytes = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object Uint8Array]";
