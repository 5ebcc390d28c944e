import { type Call, type Provider, readOptions, type SecretError, type SecretValue } from "@serverless-secrets/core";

/** One call of a scripted provider, answered when the test says so. */
export interface Asked {
  readonly ids: readonly string[];
  /** Whether it was asked by `batch.fetch`. */
  readonly together: boolean;
  readonly call: Call;
  /** Answers with one value, or with one for each id. */
  readonly answer: (value: unknown) => void;
  readonly refuse: (error: unknown) => void;
}

/** A provider whose every call waits for the test: `s::name`, pinned `s::name::version`. */
export interface Scripted extends Provider {
  readonly asked: Asked[];
  /** The call asked last. */
  last(): Asked;
  /** The ids of each call. */
  ids(): readonly (readonly string[])[];
}

export interface Script {
  /** How many one batch takes. Left out: no batches. */
  readonly batchSize?: number;
  readonly aloneIfUnavailable?: boolean;
  /** Answers at once instead, in the test's place. */
  readonly reply?: (asked: Asked) => void;
}

export function scripted({ batchSize, aloneIfUnavailable, reply }: Script = {}): Scripted {
  const asked: Asked[] = [];
  const ask = <T>(ids: readonly string[], together: boolean, call: Call): Promise<T> =>
    new Promise((resolve, reject) => {
      const one: Asked = { ids, together, call, answer: (value) => resolve(value as T), refuse: reject };
      asked.push(one);
      reply?.(one);
    });
  return {
    scheme: "s",
    asked,
    last: () => asked.at(-1) as Asked,
    ids: () => asked.map(({ ids }) => ids),
    parse(reference) {
      const { region } = readOptions(reference);
      const { ref, payload } = reference;
      return {
        id: payload === undefined ? ref : `${ref}::${payload}`,
        pinned: payload !== undefined,
        ...(batchSize !== undefined && ref !== "loner" && { batch: region ?? "everywhere" }),
      };
    },
    fetch: (target, call) => ask<SecretValue>([target.id], false, call),
    ...(batchSize !== undefined && {
      batch: {
        size: batchSize,
        ...(aloneIfUnavailable !== undefined && { aloneIfUnavailable }),
        fetch: (targets, call) =>
          ask<ReadonlyMap<string, SecretValue | SecretError>>(
            targets.map(({ id }) => id),
            true,
            call,
          ),
      },
    }),
    permissions: () => [],
  };
}

/** `s::0`, `s::1`, … */
export const references = (count: number): string[] => Array.from({ length: count }, (_, index) => `s::${index}`);

/** What a batch answers: each id's value is `value of <id>`. */
export const values = (ids: readonly string[]): ReadonlyMap<string, string> =>
  new Map(ids.map((id) => [id, `value of ${id}`]));
