import type { Agent, request } from "node:http";
import * as https from "node:https";
import type { KeptCredentials } from "./container.ts";
import type { Endpoint } from "./endpoint.ts";
import { quotaTokens } from "./quota.ts";

/** What sends a request of one protocol. */
export interface Sender {
  readonly request: typeof request;
  readonly agent: Agent;
}

/** What is remembered of a host from one call to the next. */
export interface HostState {
  /** What is left to pay retries with (quota.ts): 0 to 500. */
  tokens: number;
  /** How far the host's clock is ahead of this machine's, in ms (clock.ts). */
  clockOffsetMs: number;
  /** Of a host that gives a container its credentials: those it gave (container.ts). */
  kept?: KeptCredentials;
}

// The one module state of this package: warm invocations reuse the connection of the cold one, and what it learnt of the
// host stands beside its connections. An agent unrefs a socket while it is idle and refs it while it is in use: a script
// ends after its calls, and not during one.
const senders: { [protocol in "https:" | "http:"]?: Sender } = {};
const hosts = new Map<string, HostState>();

/**
 * The connections of one protocol: kept alive, at most 50 to a host, TLS 1.2 or later, certificates always verified.
 */
export function pool(protocol: "https:" | "http:"): Sender {
  senders[protocol] ??= protocol === "https:" ? secure() : plain();
  return senders[protocol];
}

/** What is remembered of an endpoint's host; the object is shared, and changed in place. */
export function hostState({ protocol, host }: Endpoint): HostState {
  const key = `${protocol}//${host}`;
  const known = hosts.get(key) ?? { tokens: quotaTokens, clockOffsetMs: 0 };
  hosts.set(key, known);
  return known;
}

/** Closes the idle connections to an endpoint: where one turned out to be dead, the next request takes a new one. */
export function dropIdle({ protocol, hostname, port }: Endpoint): void {
  for (const [name, sockets] of Object.entries(senders[protocol]?.agent.freeSockets ?? {})) {
    if (!name.startsWith(`${hostname}:${port}:`)) continue;
    for (const socket of sockets ?? []) socket.destroy();
  }
}

function secure(): Sender {
  // Said outright, as NODE_TLS_REJECT_UNAUTHORIZED and --tls-min-v1.0 change the defaults only.
  const agent = new https.Agent({ keepAlive: true, maxSockets: 50, minVersion: "TLSv1.2", rejectUnauthorized: true });
  return { request: https.request, agent };
}

function plain(): Sender {
  // Not imported: an ES import evaluates the module's lazy exports and loads undici, 30 ms of a cold start.
  const http = process.getBuiltinModule("node:http");
  return { request: http.request, agent: new http.Agent({ keepAlive: true, maxSockets: 50 }) };
}
