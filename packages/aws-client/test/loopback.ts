import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a loopback server saw. */
export interface Loopback {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Requests that arrived, with their bodies. */
  readonly requests: readonly { readonly message: IncomingMessage; readonly body: string }[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** Closes all connections, as a server does with those that are idle for long. */
  readonly hangUp: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts an HTTP server for one test. The listener runs when the request's body has arrived. */
export async function startLoopback(listener: RequestListener): Promise<Loopback> {
  const requests: { message: IncomingMessage; body: string }[] = [];
  let opened = 0;
  const server = createServer((message, response) => {
    let body = "";
    message.on("data", (chunk) => {
      body += chunk;
    });
    message.on("end", () => {
      requests.push({ message, body });
      listener(message, response);
    });
  });
  server.on("connection", () => {
    opened += 1;
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => opened,
    hangUp: () => server.closeAllConnections(),
    stop: () => stop(server),
  };
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(server: Pick<Server, "listen" | "address">): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
