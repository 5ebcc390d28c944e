/**
 * What can go wrong with a secret. Stable: code may branch on it.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_SECRET_REFERENCE` | the reference is malformed, or one of its options is |
 * | `ERR_SECRET_SCHEME` | no provider reads this scheme |
 * | `ERR_SECRET_NOT_FOUND` | the store holds no such secret, version or key |
 * | `ERR_SECRET_ACCESS_DENIED` | the store refuses: no permission, no credentials, a disabled key |
 * | `ERR_SECRET_UNAVAILABLE` | no answer in time, throttled, or a fault of the store; may be retried |
 * | `ERR_SECRET_VALUE` | the value is not what was asked for: not UTF-8, not JSON, no such member, refused by the schema |
 * | `ERR_SECRET_INTEGRITY` | a ciphertext, its context, its key or its bound name does not verify |
 * | `ERR_SECRET_PROVIDER` | a provider, or the code that uses this library, broke its contract |
 */
export type SecretErrorCode =
  | "ERR_SECRET_REFERENCE"
  | "ERR_SECRET_SCHEME"
  | "ERR_SECRET_NOT_FOUND"
  | "ERR_SECRET_ACCESS_DENIED"
  | "ERR_SECRET_UNAVAILABLE"
  | "ERR_SECRET_VALUE"
  | "ERR_SECRET_INTEGRITY"
  | "ERR_SECRET_PROVIDER";

/** What is kept of a foreign error: never its message, which may quote what it refused. */
export interface SecretErrorCause {
  /** The foreign error's name or code, e.g. `AccessDeniedException` or `ECONNREFUSED`. */
  readonly name: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** The store's id of the request, for its support and its audit log. */
  readonly requestId?: string;
}

/** What a SecretError knows besides its code and its detail. */
export interface SecretErrorContext {
  /** The name the secret goes by in the user's code: the property in `secrets({ … })`. */
  readonly secretName?: string | undefined;
  /** `scheme::ref` of a reference that parsed; never its payload. */
  readonly reference?: string | undefined;
  readonly cause?: SecretErrorCause | undefined;
  /** The failures, where several secrets failed at once. */
  readonly errors?: readonly SecretError[] | undefined;
}

/**
 * The one error of this library. Its message names the secret, says what failed and what to do about it; neither the
 * message nor a field holds a secret, a ciphertext, a credential, or text that failed to parse.
 */
export class SecretError extends Error {
  override readonly name = "SecretError";
  readonly code: SecretErrorCode;
  /** What failed and what cures it, without the secret's name. */
  declare readonly detail: string;
  /** What is kept of a foreign error, where one is behind this. */
  declare readonly cause?: SecretErrorCause;
  declare readonly secretName?: string;
  declare readonly reference?: string;
  declare readonly errors?: readonly SecretError[];

  /**
   * @param code what went wrong
   * @param detail what failed and what cures it: one sentence each, holding no secret and no text that failed to parse
   * @param context the names of the secret, the cause, the failures gathered
   */
  constructor(code: SecretErrorCode, detail: string, context: SecretErrorContext = {}) {
    super(compose(code, detail, context), context.cause && { cause: causeOf(context.cause) });
    this.code = code;
    // Not enumerable: the message has them, and a log that lists an error's fields would say all twice.
    Object.defineProperty(this, "detail", { value: detail });
    if (context.errors !== undefined) Object.defineProperty(this, "errors", { value: context.errors });
    if (context.secretName !== undefined) this.secretName = context.secretName;
    if (context.reference !== undefined) this.reference = context.reference;
  }
}

/**
 * Whether something caught is a SecretError, also one from another copy of this package.
 * @param error anything
 */
export function isSecretError(error: unknown): error is SecretError {
  try {
    // By what it says of itself: `instanceof` would not know another copy's.
    const { name, code } = Object(error) as Partial<Record<string, unknown>>;
    return name === "SecretError" && typeof code === "string" && code.startsWith("ERR_SECRET_");
  } catch {
    return false; // Anything may be thrown, also what throws when looked at.
  }
}

// A foreign error given as the cause fits the type; its message must not come along.
const causeOf = ({ name, status, requestId }: SecretErrorCause): SecretErrorCause => ({
  name,
  ...(status !== undefined && { status }),
  ...(requestId !== undefined && { requestId }),
});

// The message carries all: Lambda logs nothing else of an error.
function compose(code: SecretErrorCode, detail: string, context: SecretErrorContext): string {
  if (context.errors !== undefined) return [`${code}: ${detail}`, ...context.errors.map(line)].join("\n");
  return `${code}: ${subject(context)}${detail}`;
}

function line(error: SecretError): string {
  return `  ${error.code}: ${subject(error)}${error.detail}`;
}

function subject(names: Pick<SecretErrorContext, "secretName" | "reference">): string {
  const [secretName, reference] = [oneLine(names.secretName), oneLine(names.reference)];
  if (secretName !== undefined)
    return reference === undefined ? `"${secretName}": ` : `"${secretName}" (${reference}): `;
  return reference === undefined ? "" : `${reference}: `;
}

/** A name as a log may show it: what it decodes to must not forge a line of it. */
export function oneLine<T extends string | undefined>(text: T): T {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text?.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?") as T;
}
