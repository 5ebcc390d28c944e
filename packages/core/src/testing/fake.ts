import { AsyncLocalStorage } from "node:async_hooks";
import { type FakeLookup, installFakes } from "../fakes.ts";

const fakes = new AsyncLocalStorage<FakeLookup>();

/**
 * Runs a test with values in place of secrets: whatever resolves a reference inside of `run`, also through a middleware
 * made before, gets the fake, and nothing is fetched or cached. Works while others run at the same time.
 * @param values by reference as written in the code under test. With its `#/pointer` the value stands for the member
 * alone; without, for what the store holds. An object stands for its JSON text
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
    if (Object.hasOwn(values, reference)) return { value: storedValue(values[reference]), pointed: true };
    const whole = reference.split("#", 1)[0] as string;
    return Object.hasOwn(values, whole) ? { value: storedValue(values[whole]), pointed: false } : undefined;
  };
  return fakes.run(lookup, async () => run());
}

function storedValue(value: unknown): string | Uint8Array {
  const isBytes = Object.prototype.toString.call(value) === "[object Uint8Array]";
  return typeof value === "string" || isBytes ? (value as string | Uint8Array) : JSON.stringify(value);
}
