import { SecretError } from "./error.ts";
import type { Reference } from "./reference.ts";

/** The options common to all schemes. */
type Common = "region" | "name";

/** What `readOptions` gives: a string for `table`, a map for `context.*`. */
export type Options<Known extends string> = {
  readonly [K in Known | Common as K extends `${infer Family}.*` ? Family : K]: K extends `${string}.*`
    ? ReadonlyMap<string, string>
    : string | undefined;
};

/**
 * Reads a reference's options. Every provider reads them through this, so that a misspelt one is an error everywhere.
 * @param reference the parsed reference
 * @param known the names of the scheme's own options, beside `region` and `name`; `context.*` stands for a family, read
 * into a map by what follows the dot
 * @throws SecretError `ERR_SECRET_REFERENCE` for an unknown option, listing the known ones
 */
export function readOptions<const Known extends string>(
  reference: Reference,
  known: readonly Known[] = [],
): Options<Known> {
  const all: readonly string[] = ["region", "name", ...known];
  const read: Record<string, string | Map<string, string>> = Object.create(null);
  for (const name of all) if (name.endsWith(".*")) read[name.slice(0, -2)] = new Map();
  for (const [key, value] of reference.options) {
    const dot = key.indexOf(".");
    const family = dot === -1 ? undefined : read[key.slice(0, dot)];
    if (family instanceof Map && dot + 1 < key.length) family.set(key.slice(dot + 1), value);
    else if (all.includes(key) && !key.endsWith(".*")) read[key] = value;
    else throw unknown(reference.scheme, all);
  }
  return read as Options<Known>;
}

function unknown(scheme: string, known: readonly string[]): SecretError {
  const list = known.map((name) => name.replace(/\*$/, "NAME")).join(", ");
  return new SecretError(
    "ERR_SECRET_REFERENCE",
    `the reference has an option that ${scheme} does not know. Known options: ${list}.`,
  );
}
