import { type AwsError, awsError } from "./error.ts";

interface Common {
  readonly required?: true;
}
/**
 * One member of an operation's input, with AWS's constraints on it. Lengths are in characters, for a blob in bytes, for a
 * list (of texts, each with 1 character or more) in items.
 */
export type Member =
  | (Common & {
      readonly type: "string";
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: string /** Never quoted. */;
      readonly secret?: true;
    })
  | (Common & { readonly type: "string"; readonly oneOf: readonly string[] })
  | (Common & { readonly type: "blob"; readonly min: number; readonly max: number })
  | (Common & { readonly type: "integer"; readonly min: number; readonly max: number })
  | (Common & { readonly type: "boolean" })
  | (Common & { readonly type: "strings" })
  | (Common & { readonly type: "list"; readonly min?: number; readonly max?: number; readonly maxItem?: number })
  | (Common & { readonly type: "structures" });

/** The members of an operation's input that it reads. Others are ignored, as AWS ignores them. */
export type Shape = Readonly<Record<string, Member>>;

interface Values {
  string: string;
  blob: Buffer;
  integer: number;
  boolean: boolean;
  strings: ReadonlyMap<string, string>;
  structures: readonly Readonly<Record<string, unknown>>[];
  list: readonly string[];
}
/** A checked input. */
export type Input<S extends Shape> = {
  readonly [N in keyof S]: S[N] extends { required: true } ? Values[S[N]["type"]] : Values[S[N]["type"]] | undefined;
};

/**
 * Reads an operation's input by its shape, with AWS's words for what is wrong.
 *
 * @throws AwsError `SerializationException` for another JSON type or bad base64, else `ValidationException`, all
 *   violations in one message.
 */
export function readInput<const S extends Shape>(input: Readonly<Record<string, unknown>>, shape: S): Input<S> {
  const values: Record<string, unknown> = {};
  const violations: string[] = [];
  for (const [name, member] of Object.entries(shape)) {
    const given = Object.hasOwn(input, name) ? (input[name] ?? undefined) : undefined;
    const at = `'${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must`;
    if (given === undefined) {
      if (member.required) violations.push(`Value null at ${at} not be null`);
      continue;
    }
    const value = typed(given, member.type);
    const shown = isShown(value, member)
      ? `Value '${Array.isArray(value) ? `[${value.join(", ")}]` : value}' at`
      : "Value at";
    for (const constraint of broken(value, member)) violations.push(`${shown} ${at} ${constraint}`);
    values[name] = value;
  }
  if (violations.length > 0) throw invalid(violations);
  return values as Input<S>;
}

/** AWS's `ValidationException` for a list of violated constraints. */
function invalid(violations: readonly string[]): AwsError {
  const errors = `${violations.length} validation error${violations.length === 1 ? "" : "s"} detected`;
  return awsError("ValidationException", `${errors}: ${violations.join("; ")}`);
}

function typed(given: unknown, type: Member["type"]): unknown {
  if (type === "string" && typeof given === "string") return wellFormed(given);
  if (type === "boolean" && typeof given === "boolean") return given;
  if (type === "integer" && Number.isInteger(given)) return given;
  if (type === "blob" && typeof given === "string") return base64(given);
  if (type === "list" && Array.isArray(given)) return given.map(wellFormed);
  if (type === "structures" && Array.isArray(given) && given.every(isObject)) return given;
  if (type === "strings" && isObject(given)) {
    return new Map(Object.entries(given).map(([name, value]) => [wellFormed(name), wellFormed(value)]));
  }
  throw awsError("SerializationException", `${kind(given)} can not be converted to a ${type}`);
}

/** Text with half a surrogate pair has no UTF-8 form: two such texts could pass for one. */
function wellFormed(text: unknown): string {
  if (typeof text !== "string")
    throw awsError("SerializationException", `${kind(text)} can not be converted to a String`);
  if (!text.isWellFormed()) throw awsError("SerializationException", "A string is not well-formed Unicode");
  return text;
}

/** Exactly one spelling is taken, since Node reads any text at all as base64. */
function base64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw awsError("SerializationException", "A blob is not base64");
  return bytes;
}

function* broken(value: unknown, member: Member): Generator<string> {
  if ("oneOf" in member && !member.oneOf.includes(String(value))) {
    yield `satisfy enum value set: [${member.oneOf.join(", ")}]`;
  }
  if ("pattern" in member && !new RegExp(`^(?:${member.pattern})$`).test(String(value))) {
    yield `satisfy regular expression pattern: ^${member.pattern}$`;
  }
  if (member.type === "list") {
    const items = value as readonly string[];
    const longest = member.maxItem ?? 2048;
    if (items.some(({ length }) => length < 1 || length > longest)) {
      const one = `length less than or equal to ${longest}, Member must have length greater than or equal to 1`;
      yield `satisfy constraint: [Member must have ${one}]`;
    }
  }
  if (!("min" in member) && !("max" in member)) return;
  const size = typeof value === "number" ? value : (value as string | Buffer).length;
  const what = typeof value === "number" ? "value" : "length";
  if (member.min !== undefined && size < member.min) yield `have ${what} greater than or equal to ${member.min}`;
  if (member.max !== undefined && size > member.max) yield `have ${what} less than or equal to ${member.max}`;
}

/** Whether AWS quotes a value that it refuses. */
function isShown(value: unknown, member: Member): boolean {
  if ("secret" in member) return false;
  return typeof value === "string" || typeof value === "number" || member.type === "list";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The names that AWS's own parser gives to JSON's types. */
function kind(value: unknown): string {
  if (Array.isArray(value)) return "START_ARRAY";
  if (typeof value === "object") return value === null ? "NULL_VALUE" : "START_OBJECT";
  return { string: "STRING_VALUE", number: "NUMBER_VALUE", boolean: "TRUE_VALUE" }[typeof value as string] ?? "VALUE";
}
