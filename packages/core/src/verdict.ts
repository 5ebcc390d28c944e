import type { SecretErrorCode } from "./error.ts";

/** What to do with a cached value: serve it, serve it and refresh behind, or make the caller wait for a fetch. */
export type Verdict = "serve" | "refresh" | "wait";

/** How long a reader takes a value for good. */
export interface Limits {
  /** In ms; see `ResolverOptions`. */
  readonly ttlMs: number;
  /** In ms; see `ResolverOptions`. */
  readonly staleIfErrorMs: number;
}

/** What a verdict is about. */
export interface Judged {
  readonly pinned: boolean;
  /** When the request that brought the value was sent, in ms since the epoch. */
  readonly sentMs: number;
  /** The value's own share of the `ttlMs`, 0.70 to 0.95, after which it is refreshed behind. */
  readonly freshShare: number;
}

/** A last attempt that failed. */
export interface LastFailure {
  readonly code: SecretErrorCode;
  /** In ms since the epoch. */
  readonly atMs: number;
}

/** For so long after an UNAVAILABLE a stale value is served without waiting: a black hole must not slow each invocation. */
const trustFailureMs = 60_000;

/**
 * Judges a cached value. Pure.
 *
 * Age runs from when the request was *sent* and by the wall clock, which goes on while a container is frozen.
 */
export function judge(value: Judged, lastFailure: LastFailure | undefined, limits: Limits, nowMs: number): Verdict {
  if (value.pinned) return "serve";
  const ageMs = nowMs - value.sentMs;
  if (ageMs < 0) return "wait"; // The clock was set back: nothing is known of the age.
  if (ageMs < value.freshShare * limits.ttlMs) return "serve";
  if (ageMs < limits.ttlMs) return "refresh";
  if (!isWithinStale(value, limits, nowMs) || lastFailure?.code !== "ERR_SECRET_UNAVAILABLE") return "wait";
  const sinceFailureMs = nowMs - lastFailure.atMs;
  return sinceFailureMs >= 0 && sinceFailureMs < trustFailureMs ? "refresh" : "wait";
}

/** Whether a value may still be served to a caller that waited in vain. */
export function isWithinStale(value: Judged, limits: Limits, nowMs: number): boolean {
  const ageMs = nowMs - value.sentMs;
  return value.pinned || (ageMs >= 0 && ageMs < limits.ttlMs + limits.staleIfErrorMs);
}
