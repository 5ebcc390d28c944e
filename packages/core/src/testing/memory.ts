import { SecretError } from "../error.ts";
import { readOptions } from "../options.ts";
import type { Call, Provider, SecretValue, Target } from "../provider.ts";

/** A provider that keeps its secrets in memory, and tells what it was asked. */
export interface MemoryProvider extends Provider {
  /** The ids of each call, in order: one for a single fetch, several for a batch. */
  readonly calls: readonly (readonly string[])[];
}

/** Options of `memory`. */
export interface MemoryOptions {
  /** Default `memory`. */
  readonly scheme?: string;
  /** How many secrets one call brings; from 1. Default: no batches. */
  readonly batchSize?: number;
}

/**
 * An in-memory provider for tests: `memory::name`, and pinned `memory::name::version`.
 * @param values by `name` or `name::version`; read at each fetch, so that a test may change them, and an Error in place of
 * a value is thrown
 */
export function memory(
  values: Readonly<Record<string, SecretValue | Error>>,
  { scheme = "memory", batchSize }: MemoryOptions = {},
): MemoryProvider {
  const calls: (readonly string[])[] = [];
  const read = (id: string): SecretValue | Error | undefined => (Object.hasOwn(values, id) ? values[id] : undefined);
  return {
    scheme,
    calls,
    parse(reference) {
      readOptions(reference);
      const { ref, payload } = reference;
      const id = payload === undefined ? ref : `${ref}::${payload}`;
      return { id, pinned: payload !== undefined, ...(batchSize !== undefined && { batch: "all" }) };
    },
    async fetch({ id }) {
      calls.push([id]);
      const value = read(id);
      if (value instanceof Error) throw value;
      if (value === undefined)
        throw new SecretError("ERR_SECRET_NOT_FOUND", "memory() was given no such value. Add it.");
      return value;
    },
    ...(batchSize !== undefined && {
      batch: {
        size: batchSize,
        async fetch(targets: readonly Target[], _call: Call) {
          calls.push(targets.map(({ id }) => id));
          const found = targets.flatMap(({ id }) => {
            const value = read(id);
            return value === undefined ? [] : [[id, value] as const];
          });
          return new Map(found as (readonly [string, SecretValue | SecretError])[]);
        },
      },
    }),
    permissions: () => [],
  };
}
