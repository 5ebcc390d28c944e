import type { IncomingHttpHeaders } from "node:http";

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
  /** Whether it waited for one of the 50 connections in use, to the end. */
  readonly queued?: true;
  /** Whether the process stood still meanwhile, as a frozen container does, so that no answer could be seen in time. */
  readonly overtaken?: true;
  /** Whether it was an earlier exchange's, which the other side may have closed meanwhile. */
  readonly reusedSocket: boolean;
  /** How long it took, in ms; of a `TimeoutError` the limit that passed. */
  readonly afterMs: number;
}

/** What is asked for: an HTTP method, and a path with its query. */
export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
}
