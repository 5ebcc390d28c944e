import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Call } from "@serverless-secrets/core";
import type { Endpoint } from "./endpoint.ts";
import { safeName } from "./name.ts";
import { pool } from "./pool.ts";

/** How long a new connection may take, its name look-up and TLS included: 1,000 ms. */
export const connectTimeoutMs: number = 1_000;
/** How long one attempt may take, from the call to the answer's last byte: 2,000 ms. */
export const attemptTimeoutMs: number = 2_000;
/** How much an answer's body may hold: 16 MiB. */
export const answerLimitBytes: number = 16 * 1_024 * 1_024;

/** A whole answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Why there is no whole answer. */
export interface Failure {
  /** Node's error code, e.g. `ECONNREFUSED`; or `TimeoutError`, `AbortError`, `TruncatedAnswer`, `AnswerTooLarge`. */
  readonly failed: string;
  /** Whether there was a connection, TLS included. */
  readonly connected: boolean;
  /** Whether it was an earlier exchange's, which the other side may have closed meanwhile. */
  readonly reusedSocket: boolean;
  /** How long it took, in ms; of a `TimeoutError` the limit that passed. */
  readonly afterMs: number;
}

/**
 * One HTTP exchange: POST `/`, no redirects, no retries. It leaves no timer and no listener behind; of a whole answer the
 * connection goes back to the pool, else it is closed.
 * @param headers all of them, `host` included
 * @param body text, sent as UTF-8
 * @param call `deadlineMs` caps both timeouts, `signal` ends the exchange
 * @returns the answer, or why there is none; it never rejects
 */
export function exchange(
  endpoint: Endpoint,
  headers: Readonly<Record<string, string>>,
  body: string,
  call: Pick<Call, "signal" | "deadlineMs">,
): Promise<Answer | Failure> {
  const startMs = Date.now();
  const limitMs = Math.max(0, Math.min(attemptTimeoutMs, call.deadlineMs - startMs));
  return new Promise((resolve) => {
    let request: ClientRequest | undefined;
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
    const fail = (failed: string, afterMs = Date.now() - startMs): void => {
      // After an answer the socket is the pool's: it must not be destroyed then.
      if (settled) return;
      settle({ failed, connected, reusedSocket: request?.reusedSocket ?? false, afterMs });
      request?.destroy();
    };
    const abort = (): void => fail("AbortError");
    // One that waits in the pool's queue has no socket yet: that time counts for the attempt, not for the connection.
    const watch = (socket: Socket): void => {
      const opened = (): void => {
        connected = true;
        clearTimeout(connectTimer);
      };
      if (settled) return;
      if (!socket.connecting) {
        opened();
        return;
      }
      const leftMs = Math.max(0, limitMs - (Date.now() - startMs));
      const capMs = Math.min(connectTimeoutMs, leftMs);
      connectTimer = setTimeout(() => fail("TimeoutError", capMs), capMs);
      socket.once(endpoint.protocol === "https:" ? "secureConnect" : "connect", opened);
    };

    const attemptTimer = setTimeout(() => fail("TimeoutError", limitMs), limitMs);
    if (call.signal.aborted) return abort();
    if (limitMs === 0) return fail("TimeoutError", 0);
    call.signal.addEventListener("abort", abort);
    try {
      const { agent, request: send } = pool(endpoint.protocol);
      const { protocol, hostname, port } = endpoint;
      request = send({ method: "POST", path: "/", protocol, hostname, port, headers, agent, setHost: false });
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

function receive(response: IncomingMessage, settle: (answer: Answer) => void, fail: (why: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > answerLimitBytes) return fail("AnswerTooLarge");
    chunks.push(chunk);
  });
  // Also of an answer that is shorter than its Content-Length, or lacks its last chunk.
  response.on("error", () => fail("TruncatedAnswer"));
  response.on("end", () => {
    if (!response.complete) return fail("TruncatedAnswer");
    settle({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
  });
}
