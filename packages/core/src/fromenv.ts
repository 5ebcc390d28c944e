import { isSecretError, SecretError } from "./error.ts";
import { gathered } from "./failure.ts";
import { parseReference } from "./reference.ts";

/**
 * Takes references out of the environment variables where a deployment put them. References, never secrets: a value that
 * is no reference is refused, unquoted. Nothing is written back, and no other variable is read.
 * @param variables which variable holds the reference of which name, e.g. `{ db: "DB_SECRET" }`
 * @returns the references by those names, for `secrets()`, `resolveAll()` or `prepare()`
 * @throws SecretError `ERR_SECRET_REFERENCE` for a variable that is not set, or that holds no reference; one for all of them
 */
export function fromEnv<const V extends Readonly<Record<string, string>>>(
  variables: V,
): { readonly [N in keyof V]: string } {
  const names = Object.keys(variables);
  const found = names.map((name) => referenceIn(name, variables[name] as string));
  const errors = found.filter(isSecretError);
  if (errors.length > 0) throw gathered(errors, names.length);
  return Object.fromEntries(names.map((name, i) => [name, found[i]])) as { readonly [N in keyof V]: string };
}

function referenceIn(secretName: string, variable: string): string | SecretError {
  const text = process.env[variable];
  if (text === undefined || text === "") {
    return new SecretError(
      "ERR_SECRET_REFERENCE",
      `the environment variable ${variable} is not set. Put a reference in it.`,
      {
        secretName,
      },
    );
  }
  try {
    parseReference(text);
  } catch {
    return new SecretError(
      "ERR_SECRET_REFERENCE",
      `the environment variable ${variable} holds no reference (scheme::ref, such as ssm::/prod/db). If it holds the secret itself, take it out and rotate it.`,
      { secretName },
    );
  }
  return text;
}
