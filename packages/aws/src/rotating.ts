import {
  type LoadOptions,
  type Resolved,
  type RotationOptions,
  runRotating,
  SecretError,
  type Secrets,
} from "@serverless-secrets/core";
import { defaultResolver } from "./resolver.ts";

/** Runs a function with secrets, again with fresh ones where they are refused. */
export type RunRotating<S extends Secrets> = <R>(
  run: (secrets: Resolved<S>) => R | Promise<R>,
  options?: LoadOptions,
) => Promise<R>;

/**
 * Makes secrets ready for what a rotation may break: `const withDb = rotating({ db: "…" }, { isAuthenticationError })` in module
 * scope, then `await withDb(({ db }) => query(db))`. When the function throws an authentication error, what it was refused
 * with is fetched afresh (at most once in 5 s for each, however many run at once) and the function runs again; while the
 * store still gives the old value, it looks again until the deadline.
 * @param refs references by the names the function uses
 * @param options `isAuthenticationError`: whether what it threw means that a secret was refused
 * @returns runs a function; `deadlineMs`: when to give up, in ms since the epoch, default 10 s from the refusal. It throws what
 * the function threw last
 * @throws SecretError at once, for what can be known at once
 */
export function rotating<const S extends Secrets>(refs: S, options: RotationOptions): RunRotating<S> {
  if (typeof options?.isAuthenticationError !== "function") {
    throw new SecretError(
      "ERR_SECRET_PROVIDER",
      "rotating takes { isAuthenticationError: (error) => boolean } as its second argument.",
    );
  }
  const prepared = defaultResolver().prepare(refs);
  return (run, { deadlineMs } = {}) => runRotating(prepared, run, { ...options, deadlineMs });
}
