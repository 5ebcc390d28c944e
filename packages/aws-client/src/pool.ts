import type { Agent, request } from "node:http";
import * as https from "node:https";
import type { Endpoint } from "./endpoint.ts";

/** What sends a request of one protocol. */
export interface Sender {
  readonly request: typeof request;
  readonly agent: Agent;
}

// Module state: warm invocations reuse the connection of the cold one. An agent unrefs a socket while it is idle and refs it
// while it is in use: a script ends after its calls, and not during one.
const senders: { [protocol in "https:" | "http:"]?: Sender } = {};

/**
 * The connections of one protocol: kept alive, at most 50 to a host, TLS 1.2 or later, certificates always verified.
 */
export function pool(protocol: "https:" | "http:"): Sender {
  senders[protocol] ??= protocol === "https:" ? secure() : plain();
  return senders[protocol];
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
