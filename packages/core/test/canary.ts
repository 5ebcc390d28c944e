import { inspect } from "node:util";
import { expect } from "@jest/globals";
import { SecretError } from "@serverless-secrets/core";

/** Stands for a secret: must be found in nothing that is printed. */
export const canary = "canary-7Qm2vX9dLw";

/** All that any logger could say of something. */
export function everythingSaidOf(thing: unknown): string {
  const { message, stack } = Object(thing) as Partial<Error>;
  return [
    inspect(thing, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
    JSON.stringify(thing),
    String(message),
    String(stack),
  ].join("\n");
}

/** What a promise is rejected with, which must be a SecretError that does not say `hidden`. */
export async function refusal(promise: Promise<unknown>, hidden: string = canary): Promise<SecretError> {
  const error = await promise.then(
    () => "it was not rejected",
    (reason: unknown) => reason,
  );
  return secretError(error, hidden);
}

/** What a function throws, which must be a SecretError that does not say `hidden`. */
export function thrown(run: () => unknown, hidden: string = canary): SecretError {
  let error: unknown = "it did not throw";
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  return secretError(error, hidden);
}

function secretError(error: unknown, hidden: string): SecretError {
  expect(error).toBeInstanceOf(SecretError);
  expect(everythingSaidOf(error)).not.toContain(hidden);
  return error as SecretError;
}
