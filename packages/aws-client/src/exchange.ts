import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import type { Call } from "@serverless-secrets/core";
import type { Endpoint } from "./endpoint.ts";
import { safeName } from "./name.ts";
import type { Answer, Asked, Failure } from "./outcome.ts";
import { pool } from "./pool.ts";
import { receive } from "./receive.ts";

/** How long a new connection may take, its name look-up and TLS included: 1,000 ms. */
export const connectTimeoutMs: number = 1_000;
/** How long one attempt may take, from the call to the answer's last byte: 2,000 ms. */
export const attemptTimeoutMs: number = 2_000;

/** A timer that fires so late was overtaken by a freeze of the process. */
const overtakenAfterMs = 1_000;

/**
 * One HTTP exchange: no redirects, no retries. It leaves no timer and no listener behind; of a whole answer the
 * connection goes back to the pool, else it is closed.
 * @param headers all of them, `host` included
 * @param body text, sent as UTF-8
 * @param call `deadlineMs` caps both timeouts, `signal` ends the exchange
 * @param asked default: POST of `/`
 * @returns the answer, or why there is none; it never rejects
 */
export function exchange(
  endpoint: Endpoint,
  headers: Readonly<Record<string, string>>,
  body: string,
  call: Pick<Call, "signal" | "deadlineMs">,
  asked: Asked = { method: "POST", path: "/" },
): Promise<Answer | Failure> {
  const startMs = Date.now();
  const limitMs = Math.max(0, Math.min(attemptTimeoutMs, call.deadlineMs - startMs));
  return new Promise((resolve) => {
    let request: ClientRequest | undefined;
    let queued = true;
    let connected = false;
    let settled = false;
    let connectTimer: NodeJS.Timeout | undefined;

    const settle = (outcome: Answer | Failure): void => {
      settled = true;
      clearTimeout(attemptTimer);
      clearTimeout(connectTimer);
      call.signal.removeEventListener("abort", abort);
      resolve(outcome);
    };
    const fail = (failed: string, afterMs = Date.now() - startMs, how: Partial<Failure> = {}): void => {
      // After an answer the socket is the pool's: it must not be destroyed then.
      if (settled) return;
      settle({ failed, connected, reusedSocket: request?.reusedSocket ?? false, afterMs, ...how });
      request?.destroy();
    };
    const abort = (): void => fail("AbortError");
    const expireIn = (ms: number): NodeJS.Timeout => {
      const dueMs = Date.now() + ms;
      return setTimeout(() => {
        if (Date.now() - dueMs < overtakenAfterMs) fail("TimeoutError", ms, queued ? { queued } : {});
        // After a freeze timers come first: what arrived meanwhile is read before this is.
        else setImmediate(() => fail("TimeoutError", ms, { overtaken: true }));
      }, ms);
    };
    // One that waits in the pool's queue has no socket yet: that time counts for the attempt, not for the connection.
    const watch = (socket: Socket): void => {
      const opened = (): void => {
        connected = true;
        clearTimeout(connectTimer);
      };
      queued = false;
      if (settled) return;
      if (!socket.connecting) {
        opened();
        return;
      }
      const leftMs = Math.max(0, limitMs - (Date.now() - startMs));
      connectTimer = expireIn(Math.min(connectTimeoutMs, leftMs));
      socket.once(endpoint.protocol === "https:" ? "secureConnect" : "connect", opened);
    };

    const attemptTimer = expireIn(limitMs);
    if (call.signal.aborted) return abort();
    if (limitMs === 0) return fail("TimeoutError", 0);
    call.signal.addEventListener("abort", abort);
    try {
      const { agent, request: send } = pool(endpoint.protocol);
      const { protocol, hostname, port } = endpoint;
      request = send({ ...asked, protocol, hostname, port, headers, agent, setHost: false });
      request.on("socket", watch);
      request.on("response", (response) => receive(response, settle, fail));
      request.on("error", (error) => fail(safeName(error)));
      // The last event of all: however it ended, nobody waits for the timeout.
      request.on("close", () => fail("TruncatedAnswer"));
      request.end(body);
    } catch (error) {
      fail(safeName(error));
    }
  });
}
