import { SecretError } from "./error.ts";

/** A reference to a secret, parsed: what stands in git instead of the secret. */
export interface Reference {
  /** Which provider reads it: `[a-z][a-z0-9-]*`. */
  readonly scheme: string;
  /** Names the thing in its store: a key, a path, a name. Not empty. */
  readonly ref: string;
  /** Pins the thing's exact content: a ciphertext, a version, a label. Not empty. */
  readonly payload?: string;
  /** `?key=value&…`, percent-decoded, in their order. */
  readonly options: ReadonlyMap<string, string>;
  /** A JSON Pointer into the value (RFC 6901), without the `#`: `/password`, or the empty string for the whole document. */
  readonly pointer?: string;
}

/**
 * Reads a reference: `scheme "::" ref [ "::" payload ] [ "?" options ] [ "#" pointer ]`.
 *
 * It is cut at the first `#`, then at the first `?`, then at the first two `::`; `ref`, `payload` and options are then
 * percent-decoded (a `+` is a plus).
 * @param text the reference as written
 * @throws SecretError `ERR_SECRET_REFERENCE`; it never quotes the text, which may be a secret put there by mistake
 */
export function parseReference(text: string): Reference {
  if (typeof text !== "string") throw malformed("a reference is a string, such as ssm::/prod/db");
  if (text === "") throw malformed("it is empty");
  if (text.startsWith("arn:"))
    throw malformed("an ARN is no reference by itself: write its scheme before it, as in secretsmanager::arn:…");
  const [beforePointer, pointer] = cut(text, "#");
  const [body, query] = cut(beforePointer, "?");
  const [scheme, rest] = cut(body, "::");
  if (rest === undefined) {
    throw malformed(
      'it has no "::", so it is no reference (scheme::ref, such as ssm::/prod/db); if it is the secret itself, take it out of the code and rotate it',
    );
  }
  if (!/^[a-z][a-z0-9-]*$/.test(scheme)) {
    throw malformed('the part before the first "::" is no scheme: lower-case letters, digits and hyphens, such as ssm');
  }
  const [ref, payload] = cut(rest, "::");
  if (ref === "") throw malformed('nothing stands between the first and the second "::"');
  if (payload === "") throw malformed('nothing stands after the last "::": leave the "::" out, or complete it');
  if (pointer !== undefined) checkPointer(pointer);
  return {
    scheme,
    ref: decode(ref, "ref"),
    ...(payload !== undefined && { payload: decode(payload, "payload") }),
    options: parseOptions(query),
    ...(pointer !== undefined && { pointer }),
  };
}

function parseOptions(query: string | undefined): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  if (query === undefined) return options;
  if (query === "") throw malformed('nothing stands after "?"');
  for (const pair of query.split("&")) {
    const [key, value] = cut(pair, "=");
    if (key === "" || value === undefined) throw malformed("an option is not of the form key=value");
    const name = decode(key, "options");
    if (options.has(name)) throw malformed("an option is given twice");
    options.set(name, decode(value, "options"));
  }
  return options;
}

function checkPointer(pointer: string): void {
  if (pointer !== "" && !pointer.startsWith("/"))
    throw malformed('what follows "#" must begin with "/", such as #/password');
  if (/~(?![01])/.test(pointer)) throw malformed('in what follows "#", write "~" as ~0 and a "/" inside a name as ~1');
}

function cut(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + at.length)];
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed(`a "%" in its ${part} does not begin a valid percent-encoding: write a plain "%" as %25`);
  }
}

function malformed(why: string): SecretError {
  return new SecretError("ERR_SECRET_REFERENCE", `the reference is malformed: ${why}.`);
}
