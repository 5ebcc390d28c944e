import type { Decoded, Fetched, Store } from "./cache.ts";
import { storeOf } from "./cache.ts";
import { decode } from "./decode.ts";
import { isSecretError, SecretError } from "./error.ts";
import { asSecretError, failureOf } from "./failure.ts";
import type { Provider, Target } from "./provider.ts";
import { parseReference } from "./reference.ts";
import type { Secret } from "./secret.ts";

/** A secret made ready: its reference parsed, its provider found. */
export interface Item {
  readonly secret: Secret<unknown>;
  /** Its name in the code, for errors. */
  readonly secretName: string | undefined;
  /** `scheme::ref`, for errors. */
  readonly reference: string;
  readonly store: Store;
  readonly target: Target;
  readonly pointer: string | undefined;
  /** Under which its decoded value is kept. */
  readonly key: string;
}

/**
 * Makes a secret ready: all that can be known without asking a store.
 * @param property the property's name in a set of secrets; undefined for a bare `resolve`
 * @throws SecretError `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, `ERR_SECRET_INTEGRITY` for another name than the bound one
 */
export function ready(
  given: string | Secret<unknown>,
  property: string | undefined,
  providers: ReadonlyMap<string, Provider>,
): Item {
  const secret: Secret<unknown> = typeof given === "string" ? { reference: given, as: "text" } : given;
  const secretName = property ?? secret?.name;
  try {
    const reference = parseReference(secret?.reference);
    if (!["text", "bytes", "json"].includes(secret.as)) throw unknownReading();
    const provider = providers.get(reference.scheme);
    if (provider === undefined) throw unknownScheme([...providers.keys()]);
    checkName(reference.options.get("name"), secret.name ?? property);
    const target = provider.parse(reference);
    // Without an id all would share one cache entry, and one secret be taken for another.
    if (typeof target?.id !== "string") throw brokenParse();
    return {
      secret,
      secretName,
      reference: `${reference.scheme}::${reference.ref}`,
      store: storeOf(provider),
      target,
      pointer: reference.pointer,
      key: `${secret.as} ${secret.reference}`,
    };
  } catch (thrown) {
    throw failureOf(asSecretError(thrown, "the provider's parse"), { secretName });
  }
}

function checkName(bound: string | undefined, expected: string | undefined): void {
  if (bound === undefined || expected === undefined || bound === expected) return;
  throw new SecretError(
    "ERR_SECRET_INTEGRITY",
    'the reference is bound to another name (its "?name="). If two lines of the manifest were swapped, swap them back; to use it under this name on purpose, read it as text(reference, { name }).',
  );
}

function unknownScheme(known: readonly string[]): SecretError {
  return new SecretError(
    "ERR_SECRET_SCHEME",
    `no provider reads the scheme of the reference (what stands before its first "::"). Known schemes: ${known.join(", ") || "none"}. Correct it, or pass its provider to createResolver; if it is the secret itself, take it out of the code and rotate it.`,
  );
}

const unknownReading = (): SecretError =>
  new SecretError(
    "ERR_SECRET_PROVIDER",
    "it is read neither as text, bytes nor json. Make it by text(), bytes() or json().",
  );

const brokenParse = (): SecretError =>
  new SecretError("ERR_SECRET_PROVIDER", "the provider's parse gave no target with an id. Correct the provider.");

/** How many readings of one fetched value are kept. */
const maxDecoded = 1_000;

/** The decoded value of an item, decoded once for each fetched value, reference and reading. */
export function decoded(fetched: Fetched, item: Item): Decoded {
  const { schema } = item.secret;
  let memo = fetched.decoded;
  if (schema !== undefined) {
    memo = fetched.decodedBySchema.get(schema) ?? new Map();
    fetched.decodedBySchema.set(schema, memo);
  }
  let result = memo.get(item.key);
  if (result === undefined) {
    const made = decodeItem(fetched, item);
    if (memo.size >= maxDecoded) memo.clear();
    memo.set(item.key, made);
    // Shared by those who wait, but not kept: the next reader tries again, as after a fetch that failed.
    made.promise.catch(() => memo.delete(item.key));
    result = made;
  }
  return result;
}

function decodeItem(fetched: Fetched, { secret, store, target, pointer }: Item): Decoded {
  const { provider } = store;
  let value: unknown;
  try {
    const opened = provider.open === undefined ? fetched.value : provider.open(target, fetched.value);
    value = decode(opened, { as: secret.as, pointer, schema: secret.schema });
  } catch (thrown) {
    return failed(asSecretError(thrown, "the provider's open"));
  }
  if (!(value instanceof Promise)) return { promise: Promise.resolve(value), done: { value } };
  const pending: Decoded = {
    promise: value.then((late) => {
      pending.done = { value: late };
      return late;
    }),
  };
  pending.promise.catch(() => {});
  return pending;
}

function failed(error: SecretError): Decoded {
  const promise = Promise.reject(error);
  promise.catch(() => {}); // It may be kept without anybody who awaits it.
  return { promise };
}

/** An error of an item, told with its name. */
export function failureOfItem(error: unknown, item: Item): SecretError {
  return failureOf(isSecretError(error) ? error : asSecretError(error, "the provider"), item);
}
