import { isSecretError, oneLine, SecretError } from "./error.ts";
import { point } from "./pointer.ts";
import type { SecretValue } from "./provider.ts";
import type { SchemaIssue, SchemaResult, StandardSchema } from "./schema.ts";

/** How a value is to be read. */
export interface Reading {
  readonly as: "text" | "bytes" | "json";
  readonly pointer?: string | undefined;
  readonly schema?: StandardSchema<unknown> | undefined;
}

/**
 * Turns what a store holds into what the code asked for.
 * @returns the decoded value; a promise of it only where the schema is asynchronous
 * @throws SecretError `ERR_SECRET_VALUE`, quoting nothing of the value
 */
export function decode(value: SecretValue, { as, pointer, schema }: Reading): unknown {
  if (as === "json") {
    const document = parseJson(value);
    const member = pointer === undefined ? document : memberAt(document, pointer);
    return schema === undefined ? freeze(member) : check(member, schema);
  }
  const found = pointer === undefined ? value : textOf(memberAt(parseJson(value), pointer));
  return as === "bytes" ? utf8Encode(found) : utf8Decode(found);
}

const utf8Encode = (value: SecretValue): Uint8Array =>
  typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);

function utf8Decode(value: SecretValue): string {
  if (typeof value === "string") return value;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    throw refused("the value is not UTF-8 text. Read it with bytes(reference)");
  }
}

function parseJson(value: SecretValue): unknown {
  const text = utf8Decode(value);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes its input.
    throw refused("the value is not JSON. Read it as text, without a #/pointer, or correct what is stored");
  }
}

function memberAt(document: unknown, pointer: string): unknown {
  const pointed = point(document, pointer);
  if (pointed.found) return pointed.member;
  throw refused(`the value has no member at #${oneLine(pointer)}. Correct the pointer (case counts) or what is stored`);
}

const textOf = (member: unknown): string => (typeof member === "string" ? member : JSON.stringify(member));

function check(value: unknown, schema: StandardSchema<unknown>): unknown {
  const settle = (result: SchemaResult<unknown>) => {
    if (result.issues === undefined) return freeze(result.value);
    const paths = [...new Set(result.issues.map(pathOf))];
    const more = paths.length > maxPaths ? `, and ${paths.length - maxPaths} more` : "";
    throw refused(`its schema refuses the value at: ${paths.slice(0, maxPaths).join(", ")}${more}`);
  };
  try {
    const result = schema["~standard"].validate(value);
    if (!("then" in result)) return settle(result);
    return Promise.resolve(result).then(settle).catch(rethrow);
  } catch (error) {
    return rethrow(error);
  }
}

/** A schema's own failure is told as such, and not quoted. */
function rethrow(error: unknown): never {
  throw isSecretError(error) ? error : threw();
}

const threw = (): SecretError => refused("its schema threw instead of giving a result");

function pathOf({ path = [] }: SchemaIssue): string {
  // Not path.map: arktype's path is an Array of its own, whose species makes an empty one longer.
  const keys = Array.from(path, (segment) => (typeof segment === "object" ? segment.key : segment));
  return keys.length === 0 ? "the value itself" : keys.map((key) => `/${shown(String(key))}`).join("");
}

/** How many places an error names. */
const maxPaths = 10;

// A record's keys may be secrets themselves: what is no plain name of a member is not shown.
const shown = (key: string): string => (/^([A-Za-z_][\w-]{0,31}|\d{1,9})$/.test(key) ? key : "…");

/** Deep-freezes plain objects and arrays; a schema may make others (dates, class instances), which stay as they are. */
function freeze(value: unknown): unknown {
  // A list of what is to do, as a document may be nested deeper than calls can be. Not Object.isFrozen: a schema may have
  // frozen the surface alone.
  const seen = new Set<unknown>();
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null || seen.has(next) || !isPlain(next)) continue;
    seen.add(Object.freeze(next));
    for (const member of Object.values(next)) left.push(member);
  }
  return value;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

const refused = (why: string): SecretError => new SecretError("ERR_SECRET_VALUE", `${why}.`);
