import { conceal, reveal, type Secret, SecretError, type Secrets } from "@serverless-secrets/core";

// Module state: what this middleware put on a context, by the object that it put there, to tell it from a foreign value.
const records = new WeakMap<object, Secrets>();

// The merger of two such objects, so that a warm invocation makes none.
const mergers = new WeakMap<object, WeakMap<object, object>>();

/**
 * Puts secrets on a context, beside those that another `secrets()` put there.
 * @throws SecretError `ERR_SECRET_PROVIDER` where something foreign stands, or one name would mean two secrets
 */
export function put(context: object, contextKey: string, refs: Secrets, values: object): void {
  const holder = context as Record<string, unknown>;
  const there = holder[contextKey];
  if (!records.has(values)) records.set(values, refs);
  holder[contextKey] = there === undefined || there === values ? values : merge(contextKey, there, values, refs);
}

function merge(contextKey: string, there: unknown, values: object, refs: Secrets): object {
  const others = typeof there === "object" && there !== null ? records.get(there) : undefined;
  if (others === undefined) {
    throw misused(`context.${contextKey} already holds something else. Choose another contextKey`);
  }
  let mergersOfValues = mergers.get(values);
  if (mergersOfValues === undefined) {
    mergersOfValues = new WeakMap();
    mergers.set(values, mergersOfValues);
  }
  let merged = mergersOfValues.get(there as object);
  if (merged === undefined) {
    checkNames(contextKey, others, refs);
    const all = { ...reveal(there as object), ...reveal(values) };
    merged = conceal(Object.keys(all), Object.values(all));
    mergersOfValues.set(there as object, merged);
    records.set(merged, { ...others, ...refs });
  }
  return merged;
}

function checkNames(contextKey: string, others: Secrets, refs: Secrets): void {
  for (const [name, secret] of Object.entries(refs)) {
    const other = Object.hasOwn(others, name) && name !== "$schema" ? others[name] : undefined;
    if (other !== undefined && !isSame(other, secret)) {
      throw misused(
        `two secrets() put different secrets on context.${contextKey} under the name "${name}". Rename one, or give one another contextKey`,
      );
    }
  }
}

function isSame(one: string | Secret<unknown>, two: string | Secret<unknown>): boolean {
  const [a, b] = [one, two].map((secret) =>
    typeof secret === "string" ? { reference: secret, as: "text" } : secret,
  ) as [Secret<unknown>, Secret<unknown>];
  return a.reference === b.reference && a.as === b.as && a.schema === b.schema;
}

const misused = (how: string): SecretError => new SecretError("ERR_SECRET_PROVIDER", `${how}.`);
