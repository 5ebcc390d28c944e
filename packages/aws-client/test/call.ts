import type { Call } from "@serverless-secrets/core";

/** A call that ends in `timeoutMs`, by its deadline alone. */
export function callFor(timeoutMs: number, signal: AbortSignal = new AbortController().signal): Call {
  return { signal, deadlineMs: Date.now() + timeoutMs, background: false };
}
