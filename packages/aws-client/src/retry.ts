import { type Call, SecretError } from "@serverless-secrets/core";
import { retryDelayMs } from "./delay.ts";
import type { HostState } from "./host.ts";
import { pay, refund, retryCost, throttledRetryCost } from "./quota.ts";
import type { Remedy } from "./remedy.ts";
import { wait } from "./wait.ts";

/** What an attempt came to. */
export type Tried<T> = { readonly value: T } | Unsuccessful;

/** An attempt that failed. */
export interface Unsuccessful {
  readonly error: SecretError;
  readonly remedy: Remedy;
  /** How long the server asks to wait, in ms. */
  readonly askedMs?: number | undefined;
}

/** A call that nobody waits for: so many retries after a delay. */
const maxBackgroundRetries = 3;
/** So many retries on a new connection are without a delay. */
const maxReconnects = 3;
/** So long before the deadline retries end: their error, which has the cure, is told before the caller stops waiting. */
const reserveMs = 100;

/**
 * Tries until an attempt succeeds, nothing may help, the call's deadline would pass, or the host's quota is used up. A
 * background call is retried at most 3 times; another one as often as there is time for.
 * @param attempt makes one attempt, by itself within the call's deadline; it is given its end, and the remedy for the one before
 * @throws SecretError the last attempt's error, which says how many there were; or what `attempt` throws. An attempt that the
 *   call's end cut short says nothing, so the error is then that of the one before
 */
export async function retry<T>(
  attempt: (call: Call, remedy: Remedy | undefined) => Promise<Tried<T>>,
  host: HostState,
  call: Call,
): Promise<T> {
  const again: Call = { ...call, deadlineMs: call.deadlineMs - reserveMs };
  const course: Course = { retries: 0, reconnects: 0, signedAgain: new Set() };
  let last: Unsuccessful | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const tried = await attempt(last === undefined ? call : again, last?.remedy);
    if ("value" in tried) {
      refund(host, course.cost);
      return tried.value;
    }
    if (last === undefined || !isOver(again) || !wasCut(tried)) last = tried;
    const delayMs = isOver(again) ? "over" : nextDelayMs(course, tried, host, again);
    if (typeof delayMs === "string") throw told(last, attempts, delayMs);
    call.attemptFailed?.(last.error);
    if (delayMs > 0) await wait(delayMs, call.signal);
    if (isOver(again)) throw told(last, attempts, "over");
  }
}

/** How a call went so far. */
interface Course {
  /** Those after a delay. */
  retries: number;
  reconnects: number;
  readonly signedAgain: Set<Remedy>;
  /** Of the last retry that was paid for. */
  cost?: number;
}

/** Why there is no further attempt. */
type Ending = "over" | "useless" | "quota";

function nextDelayMs(course: Course, tried: Unsuccessful, host: HostState, call: Call): number | Ending {
  const { remedy } = tried;
  if (remedy === "none" || remedy === "look") return "useless";
  if (remedy === "clock" || remedy === "credentials") {
    if (course.signedAgain.has(remedy)) return "useless";
    course.signedAgain.add(remedy);
    return 0;
  }
  if (remedy === "reconnect" && course.reconnects < maxReconnects) {
    course.reconnects += 1;
    return 0;
  }
  if (call.background && course.retries >= maxBackgroundRetries) return "over";
  const throttled = remedy === "muchlater";
  const delayMs = retryDelayMs(course.retries, throttled, tried.askedMs);
  if (Date.now() + delayMs >= call.deadlineMs) return "over";
  const cost = throttled ? throttledRetryCost : retryCost;
  if (!pay(host, cost)) return "quota";
  course.cost = cost;
  course.retries += 1;
  return delayMs;
}

const isOver = ({ signal, deadlineMs }: Call): boolean => signal.aborted || Date.now() >= deadlineMs;

function wasCut({ error, remedy }: Unsuccessful): boolean {
  if (remedy === "look") return false;
  const name = error.cause?.name;
  return name === "TimeoutError" || name === "AbortError";
}

function told({ error, remedy }: Unsuccessful, attempts: number, ending: Ending): SecretError {
  const notes = [error.detail];
  if (attempts > 1) notes.push(`It was tried ${attempts} times.`);
  if (ending === "quota")
    notes.push("Too many calls to this host failed lately for another try: check that it can be reached.");
  if (remedy === "look") notes.push("AWS may have done it all the same: check that before you repeat it.");
  return notes.length === 1 ? error : new SecretError(error.code, notes.join(" "), { cause: error.cause });
}
