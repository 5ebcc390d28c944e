import { conceal, reveal, type Secret, SecretError, type Secrets } from "@serverless-secrets/core";

/** What this middleware put on a context. */
interface Put {
  readonly refs: Secrets;
  /** Mergers with what was put after it, so that a warm invocation makes none. */
  readonly merged: WeakMap<object, object>;
}

// Module state: by the object that was put there, to tell it from a foreign value.
const record = new WeakMap<object, Put>();

/**
 * Puts secrets on a context, beside those that another `secrets()` put there.
 * @throws SecretError `ERR_SECRET_PROVIDER` where something foreign stands, or one name would mean two secrets
 */
export function put(context: object, contextKey: string, refs: Secrets, values: object): void {
  const holder = context as Record<string, unknown>;
  const there = holder[contextKey];
  remember(values, refs);
  holder[contextKey] = there === undefined || there === values ? values : merge(contextKey, there, values, refs);
}

function remember(values: object, refs: Secrets): void {
  if (!record.has(values)) record.set(values, { refs, merged: new WeakMap() });
}

function merge(contextKey: string, there: unknown, values: object, refs: Secrets): object {
  const earlier = record.get(Object(there));
  if (earlier === undefined) {
    throw misused(`context.${contextKey} already holds something else. Choose another contextKey`);
  }
  let merged = earlier.merged.get(values);
  if (merged === undefined) {
    checkNames(contextKey, earlier.refs, refs);
    const all = { ...reveal(there as object), ...reveal(values) };
    merged = conceal(Object.keys(all), Object.values(all));
    earlier.merged.set(values, merged);
    remember(merged, { ...earlier.refs, ...refs });
  }
  return merged;
}

function checkNames(contextKey: string, earlier: Secrets, refs: Secrets): void {
  for (const [name, secret] of Object.entries(refs)) {
    if (name === "$schema" || !Object.hasOwn(earlier, name) || isSame(earlier[name], secret)) continue;
    throw misused(
      `two secrets() put different secrets on context.${contextKey} under the name "${name}". Rename one, or give one another contextKey`,
    );
  }
}

function isSame(one: string | Secret<unknown> | undefined, two: string | Secret<unknown>): boolean {
  const { reference, as, schema } = asSecret(two);
  const other = asSecret(one ?? "");
  return reference === other.reference && as === other.as && schema === other.schema;
}

const asSecret = (secret: string | Secret<unknown>): Pick<Secret<unknown>, "reference" | "as" | "schema"> =>
  typeof secret === "string" ? { reference: secret, as: "text" } : secret;

const misused = (how: string): SecretError => new SecretError("ERR_SECRET_PROVIDER", `${how}.`);
