import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createExtensionServer, type ExtensionParts } from "./server.ts";

/** Options of `startExtension`. */
export interface LocalExtensionOptions {
  /** TCP port on 127.0.0.1, 0–65535. Default 0: any free one. AWS's default is 2773. */
  readonly port?: number;
  /** How long connections are refused at first. Milliseconds, 0 or more; default 0. */
  readonly refusedMs?: number;
  /** How long it then answers 400, "not ready to serve traffic, please wait". Milliseconds, 0 or more; default 0. */
  readonly notReadyMs?: number;
  /** How long a value is served from its cache. Milliseconds, 0 or more; default 300000, as AWS's. */
  readonly ttlMs?: number;
  /** The function's region. Default: the server's. */
  readonly region?: string;
}

/** A running extension. */
export interface LocalExtension {
  readonly port: number;
  /** What leads a function to it. The token is `AWS_SESSION_TOKEN` of the server's `env`. */
  readonly env: { readonly PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: string };
  /** May be called again. */
  stop(): Promise<void>;
}

/** Starts it: at once, or later where connections are refused first. @throws Error for a port in use. */
export async function startExtension(
  parts: Omit<ExtensionParts, "isReady" | "ttlMs">,
  { port: asked = 0, refusedMs = 0, notReadyMs = 0, ttlMs = 300_000 }: LocalExtensionOptions,
): Promise<LocalExtension> {
  let readyAtMs = Number.POSITIVE_INFINITY;
  const server = createExtensionServer({ ...parts, ttlMs, isReady: () => Date.now() >= readyAtMs });
  const open = async (port: number): Promise<void> => {
    await listening(server, port);
    readyAtMs = Date.now() + notReadyMs;
  };
  let port = asked;
  let timer: NodeJS.Timeout | undefined;
  if (refusedMs > 0) {
    port = await freePort(asked);
    timer = setTimeout(() => void open(port), refusedMs);
  } else {
    await open(asked);
    port = (server.address() as AddressInfo).port;
  }
  return {
    port,
    env: { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(port) },
    stop() {
      clearTimeout(timer);
      return closed(server);
    },
  };
}

async function listening(server: Server, port: number): Promise<void> {
  await once(server.listen({ port, host: "127.0.0.1" }), "listening");
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A port that nothing listens on: known before it is opened. */
async function freePort(asked: number): Promise<number> {
  const server = createServer();
  await listening(server, asked);
  const { port } = server.address() as AddressInfo;
  await closed(server);
  return port;
}
