import type { SecretError } from "@serverless-secrets/core";
import type { Answer, Failure } from "./outcome.ts";
import { rules } from "./rules.ts";
import { isTransient } from "./transient.ts";

/**
 * What may help after a failed attempt.
 *
 * | remedy | what to do |
 * |---|---|
 * | `none` | nothing: it fails again |
 * | `later` | try again after a delay |
 * | `muchlater` | the same, but the host is asked too much |
 * | `reconnect` | try again at once on a new connection: the old one was dead, or a freeze overtook the attempt |
 * | `clock` | sign again at once, with the host's time |
 * | `credentials` | read the credentials anew, and try again at once |
 * | `look` | nothing by itself: it is a write, and AWS may have done it |
 */
export type Remedy = "none" | "later" | "muchlater" | "reconnect" | "clock" | "credentials" | "look";

/**
 * Judges what an exchange came to. Pure.
 * @param repeatable whether it may be sent twice (repeatable.ts)
 */
export function failureRemedy(failure: Failure, repeatable: boolean): Remedy {
  const { failed, connected, reusedSocket, overtaken } = failure;
  // Its end was wanted, or it comes to the same each time.
  if (failed === "AbortError" || !isTransient(failed)) return "none";
  if (connected && !repeatable) return "look";
  // A server closes what is idle for long, and a frozen container reads of it only when it writes there.
  const died = reusedSocket && (failed === "ECONNRESET" || failed === "EPIPE");
  return died || overtaken === true ? "reconnect" : "later";
}

/**
 * Judges an error that AWS answered. Pure.
 * @param error what answer.ts made of it
 * @param repeatable whether it may be sent twice (repeatable.ts)
 */
export function refusalRemedy({ status }: Pick<Answer, "status">, error: SecretError, repeatable: boolean): Remedy {
  const name = error.cause?.name ?? "";
  if (error.code !== "ERR_SECRET_UNAVAILABLE") return "none";
  if (name.startsWith("ExpiredToken")) return "credentials";
  if (signedAtAnotherTime.has(name)) return "clock";
  if (status === 429 || throttling?.names.includes(name)) return "muchlater";
  const passes = transientStatuses.has(status) || transientNames.has(name);
  return passes ? (repeatable ? "later" : "look") : "none";
}

const signedAtAnotherTime: ReadonlySet<string> = new Set([
  "InvalidSignatureException",
  "RequestExpired",
  "RequestTimeTooSkewed",
]);
const transientStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);
const transientNames: ReadonlySet<string> = new Set(["RequestTimeout", "RequestTimeoutException", "TimeoutError"]);
// The rule that lists all names of a quota that is used up.
const throttling = rules.find(({ names }) => names.includes("ThrottlingException"));
