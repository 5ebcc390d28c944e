import type { SecretValue } from "./provider.ts";

/** Looks up what a test gave in place of a secret; see `withFakeSecrets` of `@serverless-secrets/core/testing`. */
export type FakeLookup = (reference: string) => FakeAnswer | undefined;

/** A fake for a reference, with or without its `#/pointer`. */
export interface FakeAnswer {
  readonly value: SecretValue;
  /** Where in it the value is. */
  readonly pointer: string | undefined;
}

// Module state, set by a test only: nothing is fetched or cached while it answers.
let lookup: (() => FakeLookup | undefined) | undefined;

/** Puts fakes in place of all providers: `find` gives those of the running test, or undefined outside of one. */
export function installFakes(find: () => FakeLookup | undefined): void {
  lookup = find;
}

/** The running test's fakes, if any. */
export function currentFakes(): FakeLookup | undefined {
  return lookup?.();
}
