import { type Call, SecretError } from "@serverless-secrets/core";
import { type AwsRequest, nameOf } from "../request.ts";

/** A longer timer overflows to 1 ms. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Runs something that may outlast the call, such as a retry's pause or a search for credentials; aborts it at the call's
 * deadline or by its signal, and does not wait for it then.
 * @throws SecretError `ERR_SECRET_UNAVAILABLE` at the end of the call; else what it threw
 */
export function limit<T>(
  request: AwsRequest,
  call: Pick<Call, "signal" | "deadlineMs">,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const startMs = Date.now();
  const leftMs = Math.max(0, call.deadlineMs - startMs);
  return new Promise<T>((resolve, reject) => {
    const end = (name: string, detail: string): void => {
      settle();
      reject(new SecretError("ERR_SECRET_UNAVAILABLE", `${nameOf(request)}: ${detail}`, { cause: { name } }));
      ending.abort();
    };
    const abort = (): void =>
      end("AbortError", `no answer when the call was ended, after ${Date.now() - startMs} ms. ${cure}`);
    const timer = setTimeout(
      () => end("TimeoutError", `no answer within ${leftMs} ms. ${cure}`),
      Math.min(leftMs, maxTimerMs),
    );
    const settle = (): void => {
      clearTimeout(timer);
      call.signal.removeEventListener("abort", abort);
    };
    if (call.signal.aborted || leftMs === 0) return end("AbortError", "the call had ended before it was sent.");
    call.signal.addEventListener("abort", abort);
    // Also where it throws at once.
    const running = (async () => run(ending.signal))();
    running.finally(settle).then(resolve, reject);
  });
}

const cure =
  "Check that its endpoint can be reached from here; in a VPC that takes a NAT gateway or an interface endpoint.";
