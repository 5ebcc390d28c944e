import { formatReference } from "./format.ts";
import type { Sealer, SecretValue } from "./provider.ts";
import { parseReference } from "./reference.ts";

/**
 * Writes or encrypts a secret and gives the reference to commit. For scripts and tools, not for functions.
 * @param sealer e.g. `kmsSealer()` of `@serverless-secrets/provider-kms/seal`
 * @param unsealed where to: a reference without payload, e.g. `kms::<key arn>?name=db`
 * @param plaintext the secret
 * @param options `timeoutMs`: how long it may take in all, in ms; default 10,000
 * @throws SecretError `ERR_SECRET_REFERENCE` for a malformed reference; else as `Sealer.seal`
 */
export async function seal(
  sealer: Sealer,
  unsealed: string,
  plaintext: SecretValue,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<string> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const call = { signal: controller.signal, deadlineMs: Date.now() + timeoutMs, background: false };
    return formatReference(await sealer.seal(parseReference(unsealed), plaintext, call));
  } finally {
    clearTimeout(timer);
  }
}
