import { SecretError } from "./error.ts";
import { formatReference } from "./format.ts";
import type { Sealer, SecretValue } from "./provider.ts";
import { parseReference } from "./reference.ts";

export { bytesToSeal } from "./plaintext.ts";

/**
 * Writes or encrypts a secret and gives the reference to commit. For scripts and tools, not for functions.
 * @param sealer e.g. `kmsSealer()` of `@serverless-secrets/provider-kms/seal`
 * @param unsealed where to: a reference without what sealing makes, e.g. `kms::<key arn>?name=db` or `kmsfile::<key arn>::<path>`
 * @param plaintext the secret
 * @param options `timeoutMs`: how long it may take in all, in ms; default 10,000, from 1 to 2,147,483,647
 * @throws SecretError `ERR_SECRET_REFERENCE` for a malformed reference, or one with a pointer; else as `Sealer.seal`
 */
export async function seal(
  sealer: Sealer,
  unsealed: string,
  plaintext: SecretValue,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<string> {
  const reference = parseReference(unsealed);
  // A member alone would be written over the whole document.
  if (reference.pointer !== undefined)
    throw refused("leave its #/pointer out, and add it to the reference that comes back");
  // A longer timer overflows to 1 ms.
  if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31))
    throw new SecretError("ERR_SECRET_PROVIDER", "timeoutMs is a number of milliseconds, 1 to 2147483647.");
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const call = { signal: controller.signal, deadlineMs: Date.now() + timeoutMs, background: false };
    return formatReference(await sealer.seal(reference, plaintext, call));
  } finally {
    clearTimeout(timer);
  }
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `what to seal is a whole value: ${why}.`);
