import type { SecretValue } from "./provider.ts";

/** Looks up what a test gave in place of a secret; see `withFakeSecrets` of `@serverless-secrets/core/testing`. */
export type FakeLookup = (reference: string) => FakeAnswer | undefined;

/** A fake for a reference, with or without its `#/pointer`. */
export interface FakeAnswer {
  readonly value: SecretValue;
  /** Whether the fake stands for the pointed member itself, so that the pointer is not to be applied to it. */
  readonly pointed: boolean;
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
