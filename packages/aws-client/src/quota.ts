/** What a host's quota of retries holds at most, and at first. */
export const quotaTokens: number = 500;
/** What a retry costs. */
export const retryCost: number = 14;
/** What a retry costs after the host said that it is asked too much. */
export const throttledRetryCost: number = 5;

/**
 * Pays for a retry out of the host's quota, so that when everything fails the retries of many calls do not multiply the load.
 * @returns whether there was enough left; if not, nothing is paid
 */
export function pay(host: { tokens: number }, cost: number): boolean {
  if (host.tokens < cost) return false;
  host.tokens -= cost;
  return true;
}

/** Gives back, after a success, what the last retry cost; a first attempt that succeeded gives 1. As the SDKs do it. */
export function refund(host: { tokens: number }, cost: number | undefined): void {
  host.tokens = Math.min(quotaTokens, host.tokens + (cost ?? 1));
}
