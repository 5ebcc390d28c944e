import type { IncomingHttpHeaders } from "node:http";
import type { HostState } from "./host.ts";
import { httpDateMs } from "./httpdate.ts";

/** From when on a clock counts as wrong: AWS refuses signatures that are 5 minutes off. */
const skewedFromMs = 4 * 60 * 1_000;

/** What a wrong clock may be off by at most: a day. */
const plausibleMs = 24 * 60 * 60 * 1_000;

/** The time by the host's clock, in ms since the epoch: what a request to it is signed with. */
export function hostTimeMs(host: HostState): number {
  return Date.now() + host.clockOffsetMs;
}

/**
 * Learns the host's clock from an answer that refused a signature for its time. What is less than 4 minutes off changes
 * nothing: then the request itself was late, by a freeze, and is in order when signed again.
 */
export function learnClock(host: HostState, headers: IncomingHttpHeaders): void {
  const dateMs = httpDateMs(headers.date);
  if (dateMs === undefined || Math.abs(dateMs - hostTimeMs(host)) < skewedFromMs) return;
  // A machine's clock is rarely further off; what signs for any time it is told, signs for whoever answers.
  if (Math.abs(dateMs - Date.now()) > plausibleMs) return;
  host.clockOffsetMs = dateMs - Date.now();
}
