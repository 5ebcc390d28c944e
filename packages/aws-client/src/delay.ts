import type { IncomingHttpHeaders } from "node:http";
import { httpDateMs } from "./httpdate.ts";

const baseMs = 50;
const throttledBaseMs = 1_000;
const maxDelayMs = 20_000;
/** How much longer than by our own drawing a server may make us wait. */
const maxExtraMs = 5_000;

/**
 * How long to wait before a retry: full jitter, any time from 0 to `base × 2^retries`, so that the retries of many
 * containers spread; at most 20 s. What the server asks for is followed as far as 5 s beyond that.
 * @param retries how many came before
 * @param throttled whether the server said that it is asked too much: the base is then 1,000 ms, else 50 ms
 * @param askedMs what the server asked for
 * @returns in ms
 */
export function retryDelayMs(retries: number, throttled: boolean, askedMs?: number): number {
  const base = throttled ? throttledBaseMs : baseMs;
  const ownMs = Math.floor(Math.random() * Math.min(maxDelayMs, base * 2 ** retries));
  return askedMs === undefined ? ownMs : Math.max(ownMs, Math.min(askedMs, ownMs + maxExtraMs));
}

/**
 * How long a server asks to wait: `x-amz-retry-after` in milliseconds, else `Retry-After` in seconds or as a date.
 * @returns in ms, 0 or more; undefined where it asks for nothing, or for what does not read
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function askedDelayMs(headers: IncomingHttpHeaders): number | undefined {
  const ms = decimal(headers["x-amz-retry-after"]);
  if (ms !== undefined) return ms;
  const after = headers["retry-after"];
  const seconds = decimal(after);
  if (seconds !== undefined) return seconds * 1_000;
  const untilMs = httpDateMs(after);
  // By the server's own clock, where it tells it.
  return untilMs === undefined ? undefined : Math.max(0, untilMs - (httpDateMs(headers.date) ?? Date.now()));
}

function decimal(text: unknown): number | undefined {
  return typeof text === "string" && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
