import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** An endpoint that takes connections and never answers: a VPC without a route, seen from a function. */
export interface BlackHole {
  readonly endpoint: string;
  /** How many connections it swallowed. */
  connections(): number;
  stop(): void;
}

/** Opens a black hole on a free port of loopback. */
export async function startBlackHole(): Promise<BlackHole> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    // Read, or the client's end would not be noticed; errors are those of a killed function.
    socket.on("error", () => {}).resume();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
