import { forgetEntry } from "./cache.ts";
import { channels } from "./channels.ts";
import { conceal } from "./conceal.ts";
import { isSecretError, SecretError } from "./error.ts";
import { gathered } from "./failure.ts";
import { currentFakes } from "./fakes.ts";
import { decoded, type Item, ready } from "./item.ts";
import { load } from "./load.ts";
import { peek, type ReadLimits } from "./obtain.ts";
import { type LoadOptions, type Prepared, prepareItems } from "./prepared.ts";
import type { Provider } from "./provider.ts";
import type { Resolved, Secret, Secrets, Value } from "./secret.ts";

/** Options of `createResolver`. */
export interface ResolverOptions {
  /** Who reads which scheme; one provider a scheme. */
  readonly providers: readonly Provider[];
  /** How long a value that may change is served, in ms. Default 300,000; from 0, which fetches at every call. */
  readonly ttlMs?: number;
  /** How long beyond that it is still served while its store is out of reach, in ms. Default 3,600,000; from 0. */
  readonly staleIfErrorMs?: number;
  /** How long a fetch may take in all, retries included, in ms. Default 10,000; from 1. */
  readonly timeoutMs?: number;
}

/** Resolves references through its providers. Resolvers that share a provider object share its cache. */
export interface Resolver {
  /**
   * One secret. A bare reference knows no name, so a `?name=` in it is not compared with any; use `text(ref, { name })`.
   * Warm it gives the same promise at each call (for `bytes` a copy of the value).
   * @throws SecretError (as a rejection)
   */
  resolve<const S extends string | Secret<unknown>>(secret: S, options?: LoadOptions): Promise<Value<S>>;
  /**
   * A set of secrets, all asked for at once. For occasional use: it builds its result at each call; what runs at each
   * invocation uses `prepare`.
   * @throws SecretError (as a rejection) one for all that failed, in the properties' order
   */
  resolveAll<const S extends Secrets>(secrets: S, options?: LoadOptions): Promise<Resolved<S>>;
  /**
   * Makes a set of secrets ready, for module scope: it is never released.
   * @throws SecretError at once, for what can be known at once: `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and
   * `ERR_SECRET_INTEGRITY` for a bound name that is another
   */
  prepare<const S extends Secrets>(secrets: S): Prepared<S>;
  /**
   * Drops a value from the cache, with every pointer and reading of it. For what a server refuses after a rotation there is
   * `runRotating`, which fetches once for all who are refused.
   * @param sentBeforeMs only what was asked for at or before this time, in ms since the epoch; default: all
   * @throws SecretError `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and `ERR_SECRET_INTEGRITY` for a bound name that is another
   */
  forget(secret: string | Secret<unknown>, sentBeforeMs?: number): void;
}

/** How many bare references a resolver keeps parsed. */
const maxParsed = 1_000;

/**
 * Makes a resolver.
 * @throws SecretError `ERR_SECRET_PROVIDER` for two providers of one scheme, a malformed scheme or batch size, or a number out
 * of its range
 */
export function createResolver(options: ResolverOptions): Resolver {
  const {
    providers,
    ttlMs = 300_000,
    staleIfErrorMs = 3_600_000,
    timeoutMs = 10_000,
  } = Object(options) as ResolverOptions;
  const limits: ReadLimits = { ttlMs, staleIfErrorMs, timeoutMs };
  checkLimits(limits);
  const byScheme = schemes(providers);
  const parsed = new Map<string, Item>();
  const parsedSecrets = new WeakMap<Secret<unknown>, Item>();

  const itemOf = (secret: string | Secret<unknown>): Item => {
    let item = typeof secret === "string" ? parsed.get(secret) : parsedSecrets.get(Object(secret));
    if (item === undefined) {
      item = ready(secret, undefined, byScheme);
      if (typeof secret !== "string") parsedSecrets.set(secret, item);
      else {
        if (parsed.size >= maxParsed) parsed.clear();
        parsed.set(secret, item);
      }
    }
    return item;
  };

  const resolve = (secret: string | Secret<unknown>, options?: LoadOptions): Promise<unknown> => {
    const item = attempt(() => itemOf(secret));
    if (isSecretError(item)) return cold(item, undefined);
    const promise = warm(item) ?? cold(item, options?.deadlineMs);
    return item.secret.as === "bytes" ? promise.then((value) => new Uint8Array(value as Uint8Array)) : promise;
  };

  const warm = (item: Item): Promise<unknown> | undefined => {
    const entry = currentFakes() === undefined ? item.store.entries.get(item.target.id) : undefined;
    const fetched = entry && peek(item, entry, limits, Date.now());
    const result = fetched && decoded(fetched, item);
    if (result?.done === undefined) return undefined;
    if (channels.hit.hasSubscribers) channels.hit.publish({ count: 1 });
    return result.promise;
  };

  const cold = async (item: Item | SecretError, deadlineMs: number | undefined): Promise<unknown> =>
    (await load([item], limits, deadlineMs)).values[0];

  /** In the properties' order, `$schema` left out. */
  const readyAll = (secrets: Secrets): [names: readonly string[], outcomes: readonly (Item | SecretError)[]] => {
    if (typeof secrets !== "object" || secrets === null || Array.isArray(secrets)) {
      throw misused("secrets are given as { name: reference, … }; for one reference there is resolve(reference)");
    }
    const names = Object.keys(secrets).filter((name) => name !== "$schema");
    return [names, names.map((name) => attempt(() => ready(secrets[name] as string, name, byScheme)))];
  };

  return {
    resolve: resolve as Resolver["resolve"],
    async resolveAll<const S extends Secrets>(secrets: S, { deadlineMs }: LoadOptions = {}) {
      const [names, outcomes] = readyAll(secrets);
      const { values } = await load(outcomes, limits, deadlineMs);
      return conceal(names, values) as Resolved<S>;
    },
    prepare(secrets) {
      const [names, outcomes] = readyAll(secrets);
      const errors = outcomes.filter(isSecretError);
      if (errors.length > 0) throw gathered(errors, outcomes.length);
      return prepareItems(names, outcomes as readonly Item[], limits);
    },
    forget(secret, sentBeforeMs) {
      const { store, target } = itemOf(secret);
      const entry = store.entries.get(target.id);
      if (entry !== undefined) forgetEntry(entry, sentBeforeMs);
    },
  };
}

function attempt<T>(make: () => T): T | SecretError {
  try {
    return make();
  } catch (error) {
    return error as SecretError;
  }
}

function schemes(providers: readonly Provider[]): ReadonlyMap<string, Provider> {
  if (!Array.isArray(providers)) throw misused("createResolver takes { providers: […] }, such as awsProviders()");
  const byScheme = new Map<string, Provider>();
  for (const provider of providers) {
    if (!/^[a-z][a-z0-9-]*$/.test(provider.scheme))
      throw misused("a provider's scheme is not of the form [a-z][a-z0-9-]*");
    if (byScheme.has(provider.scheme)) {
      throw misused(
        `two providers read ${provider.scheme}::. Give one a scheme of its own, such as { scheme: "${provider.scheme}-eu" }`,
      );
    }
    const size = provider.batch?.size ?? 1;
    if (!Number.isInteger(size) || size < 1)
      throw misused(`the batch size of ${provider.scheme}:: is no number from 1`);
    byScheme.set(provider.scheme, provider);
  }
  return byScheme;
}

function checkLimits({ ttlMs, staleIfErrorMs, timeoutMs }: ReadLimits): void {
  const fromZero = (value: number) => typeof value === "number" && value >= 0;
  if (!fromZero(ttlMs)) throw misused("ttlMs is a number of milliseconds, 0 or more");
  if (!fromZero(staleIfErrorMs)) throw misused("staleIfErrorMs is a number of milliseconds, 0 or more");
  // A longer timer overflows to 1 ms.
  if (!(fromZero(timeoutMs) && timeoutMs >= 1 && timeoutMs < 2 ** 31))
    throw misused("timeoutMs is a number of milliseconds, 1 to 2147483647");
}

const misused = (how: string): SecretError => new SecretError("ERR_SECRET_PROVIDER", `${how}.`);
