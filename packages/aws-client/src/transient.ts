// Node's codes of a network that may recover, the SDKs' name of a timeout, and ours (exchange.ts).
const transient: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "TimeoutError",
  "AbortError",
  "TruncatedAnswer",
]);

/** Whether what goes by this name may pass by itself, so that an older value may serve meanwhile. */
export function isTransient(name: string): boolean {
  return transient.has(name);
}
