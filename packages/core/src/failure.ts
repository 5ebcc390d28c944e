import { isSecretError, SecretError, type SecretErrorContext } from "./error.ts";

/**
 * Makes a SecretError of anything a provider threw. A SecretError stays as it is; of anything else only the name is
 * kept, since its message may quote a secret.
 */
export function asSecretError(thrown: unknown, doing: string): SecretError {
  if (isSecretError(thrown)) return thrown;
  const name = nameOf(thrown);
  return new SecretError(
    "ERR_SECRET_PROVIDER",
    `${doing} threw ${name}, which is no SecretError. Its message was dropped, as it may quote a secret; correct the provider.`,
    { cause: { name } },
  );
}

function nameOf(thrown: unknown): string {
  try {
    const { code, name } = Object(thrown) as { code?: unknown; name?: unknown };
    const known = [code, name].find((text) => typeof text === "string" && /^[A-Za-z][\w.]{0,63}$/.test(text));
    return typeof known === "string" ? known : "something";
  } catch {
    return "something";
  }
}

/** The same failure, told of one secret: its name in the code and its `scheme::ref`. */
export function failureOf(
  error: SecretError,
  names: Pick<SecretErrorContext, "secretName" | "reference">,
): SecretError {
  const { code, detail, cause } = error;
  // Of another copy of this package, or made to look like one: what it gathered is as foreign as it is.
  const errors = error.errors?.filter(isSecretError).map((one) => failureOf(one, one));
  return new SecretError(code, detail, {
    secretName: names.secretName,
    reference: names.reference ?? error.reference,
    cause,
    errors,
  });
}

/**
 * The error of waiting in vain.
 * @param time how long it was, e.g. `2000 ms`
 * @param last why the last attempt failed, if one did: what cures that, is what helps
 * @param cure what to do where nothing is known
 */
export function outOfTime(time: string, last: SecretError | undefined, cure: string): SecretError {
  if (last === undefined) return new SecretError("ERR_SECRET_UNAVAILABLE", `no answer within ${time}. ${cure}`);
  return new SecretError("ERR_SECRET_UNAVAILABLE", `no success within ${time}; the last attempt: ${last.detail}`, {
    cause: last.cause,
  });
}

/** One error of the failures of several secrets. Its code is the first that retrying cannot cure. */
export function gathered(errors: readonly SecretError[], total: number): SecretError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  const code = errors.find((error) => error.code !== "ERR_SECRET_UNAVAILABLE")?.code ?? "ERR_SECRET_UNAVAILABLE";
  return new SecretError(code, `${errors.length} of ${total} secrets failed.`, { errors });
}
