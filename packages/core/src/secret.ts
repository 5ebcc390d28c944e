import { SecretError } from "./error.ts";
import type { StandardSchema } from "./schema.ts";

/**
 * A reference and how to read what it names. Plain data, made by `text`, `bytes` or `json`.
 * @typeParam T what it resolves to
 */
export interface Secret<T> {
  /** The reference as written. */
  readonly reference: string;
  readonly as: "text" | "bytes" | "json";
  /** The name the reference must be bound to where it is bound (`?name=`), instead of the property's. */
  readonly name?: string;
  readonly schema?: StandardSchema<T>;
  /** Carries T for the compiler; never set. */
  readonly "~type"?: T;
}

/** References by the names the code uses for them. `$schema` is ignored: a JSON manifest may name its schema. */
export type Secrets = { readonly [name: string]: string | Secret<unknown> };

/** What one entry of `Secrets` resolves to: a bare string is text. */
export type Value<S> = S extends Secret<infer T> ? T : string;

/** What a set of secrets resolves to. Reading a member gives its value; nothing prints (but the names), spreads or serialises them. */
export type Resolved<S extends Secrets> = {
  readonly [N in keyof S as N extends "$schema" ? never : N]: Value<S[N]>;
};

/** Options of `text`, `bytes` and `json`. */
export interface SecretOptions {
  /** The name the reference is bound to where it is bound (`?name=`). Default: the property's name, if there is one. */
  readonly name?: string;
}

/**
 * A secret read as text (UTF-8), which is also what a bare string means. With a pointer (`#/password`) a string member as
 * it is, anything else as its JSON text.
 * @param reference e.g. `ssm::/prod/db`
 */
export function text(reference: string, options: SecretOptions = {}): Secret<string> {
  return { reference, as: "text", ...options };
}

/**
 * A secret read as bytes, each time a copy. With a pointer, the UTF-8 of what `text` would give.
 * @param reference e.g. `kms::<key arn>::<ciphertext>`
 */
export function bytes(reference: string, options: SecretOptions = {}): Secret<Uint8Array> {
  return { reference, as: "bytes", ...options };
}

/**
 * A secret that is a JSON document, parsed and deep-frozen; with a pointer, the member itself.
 * @typeParam T what it is; checked only where there is a schema
 * @param reference e.g. `secretsmanager::prod/db`
 * @param schema any Standard Schema (zod, valibot, arktype, …); may be asynchronous
 */
export function json<T = unknown>(
  reference: string,
  schema?: StandardSchema<T>,
  options: SecretOptions = {},
): Secret<T> {
  return { reference, as: "json", ...(schema !== undefined && { schema }), ...options };
}

/**
 * Some of a set of secrets: a function gets its own, not the whole stage's.
 * @param secrets a set, e.g. an imported JSON manifest
 * @param names which; a name that is not there does not compile
 * @throws SecretError `ERR_SECRET_PROVIDER` for a name that is not there
 */
export function pick<const S extends Secrets, const N extends Exclude<keyof S & string, "$schema">>(
  secrets: S,
  ...names: readonly N[]
): Pick<S, N> {
  const missing = names.find((name) => !Object.hasOwn(secrets, name));
  if (missing !== undefined) throw notThere(missing, Object.keys(secrets));
  return Object.fromEntries(names.map((name) => [name, secrets[name]])) as Pick<S, N>;
}

const notThere = (name: string, names: readonly string[]): SecretError =>
  new SecretError("ERR_SECRET_PROVIDER", `there is no "${name}" among these secrets. There are: ${names.join(", ")}.`);
