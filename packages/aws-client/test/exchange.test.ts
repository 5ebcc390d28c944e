import { getEventListeners } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { Endpoint } from "../src/endpoint.ts";
import { attemptTimeoutMs, connectTimeoutMs, exchange } from "../src/exchange.ts";
import { answerLimitBytes } from "../src/receive.ts";
import { callFor } from "./call.ts";
import { freeze, pass, stopClock } from "./clock.ts";
import { type Loopback, listen, startLoopback } from "./loopback.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const serve = async (listener: Parameters<typeof startLoopback>[0]): Promise<Loopback> => {
  const server = await startLoopback(listener);
  cleanUps.push(server.stop);
  return server;
};

/** A server below HTTP. */
const serveTcp = async (listener: (socket: Socket) => void): Promise<{ readonly port: number }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    listener(socket);
  });
  const port = await listen(server as never);
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port };
};

const at = (port: number, protocol: Endpoint["protocol"] = "http:"): Endpoint => ({
  protocol,
  hostname: "127.0.0.1",
  port,
  host: `127.0.0.1:${port}`,
});
const send = (endpoint: Endpoint, call = callFor(5_000), body = "{}") =>
  exchange(endpoint, { host: endpoint.host, "content-length": String(Buffer.byteLength(body)) }, body, call);

describe("an answer", () => {
  test("comes whole, with its status and headers, to a POST of / that is sent as given", async () => {
    const server = await serve((_, response) => {
      response.writeHead(400, { "x-amzn-requestid": "r" }).write("grü");
      setTimeout(() => response.end("ß"), 5);
    });
    const answer = await send(at(server.port), callFor(5_000), "{ü}");
    expect(answer).toMatchObject({ status: 400, headers: { "x-amzn-requestid": "r" }, body: "grüß" });
    const [request] = server.requests;
    expect(request?.body).toBe("{ü}");
    expect(request?.message).toMatchObject({ method: "POST", url: "/" });
    expect(request?.message.headers.host).toBe(`127.0.0.1:${server.port}`);
  });

  test("comes to a GET too", async () => {
    const server = await serve((_, response) => response.end("{}"));
    const call = callFor(5_000);
    await exchange(at(server.port), { host: "127.0.0.1" }, "", call, { method: "GET", path: "/role?a=b" });
    expect(server.requests[0]).toMatchObject({ body: "", message: { method: "GET", url: "/role?a=b" } });
    expect(server.requests[0]?.message.headers).not.toHaveProperty("transfer-encoding");
  });

  test("that redirects is an answer: nobody is asked again", async () => {
    const other = await serve((_, response) => response.end());
    const server = await serve((_, response) => response.writeHead(307, { location: other.url }).end());
    expect(await send(at(server.port))).toMatchObject({ status: 307 });
    expect(other.connections()).toBe(0);
    expect(server.requests.length).toBe(1);
  });

  test("may come on the connection of the one before", async () => {
    const server = await serve((_, response) => response.end("{}"));
    for (let i = 0; i < 5; i++) expect(await send(at(server.port))).toMatchObject({ status: 200 });
    expect(server.connections()).toBe(1);
  });

  test("of 60 at once comes over at most 50 connections", async () => {
    const server = await serve((_, response) => setTimeout(() => response.end("{}"), 20));
    const answers = await Promise.all(Array.from({ length: 60 }, () => send(at(server.port))));
    expect(answers.every((answer) => "status" in answer && answer.status === 200)).toBe(true);
    expect(server.connections()).toBe(50);
  });
});

describe("no answer", () => {
  const failure = async (listener: (socket: Socket) => void) => send(at((await serveTcp(listener)).port));

  test("from a port where nobody listens", async () => {
    const { port } = await serveTcp(() => {});
    await cleanUps.pop()?.();
    expect(await send(at(port))).toMatchObject({ failed: "ECONNREFUSED", connected: false });
  });

  test("over a connection that is reset", async () => {
    const failed = await failure((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(failed).toMatchObject({ failed: "ECONNRESET", connected: true, reusedSocket: false });
  });

  test("over a connection of the one before, which is closed meanwhile", async () => {
    let answered = 0;
    const { port } = await serveTcp((socket) =>
      socket.on("data", () => {
        if (answered++ === 0) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        else socket.destroy();
      }),
    );
    expect(await send(at(port))).toMatchObject({ status: 200 });
    expect(await send(at(port))).toMatchObject({ failed: "ECONNRESET", connected: true, reusedSocket: true });
  });

  test.each([
    ["its length", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":1}'],
    ["its last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"],
  ])("that lacks part of %s", async (_, text) => {
    expect(await failure((socket) => socket.once("data", () => socket.end(text)))).toMatchObject({
      failed: "TruncatedAnswer",
      connected: true,
    });
  });

  test("that is no HTTP", async () => {
    expect(await failure((socket) => socket.once("data", () => socket.end("CANARY\r\n\r\n")))).toMatchObject({
      failed: expect.stringMatching(/^HPE_/),
      connected: true,
    });
  });

  test("that would switch protocols", async () => {
    const text = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    expect(await failure((socket) => socket.once("data", () => socket.end(text)))).toHaveProperty("failed");
  });

  test("of more than 16 MiB, of which the rest is not read", async () => {
    let sent = 0;
    const server = await serve((_, response) => {
      const chunk = Buffer.alloc(1_048_576, " ");
      const more = () => {
        while (!response.destroyed && sent < 64 * chunk.length) {
          sent += chunk.length;
          if (!response.write(chunk)) return response.once("drain", more);
        }
        return response.end();
      };
      more();
    });
    expect(await send(at(server.port))).toMatchObject({ failed: "AnswerTooLarge", connected: true });
    expect(sent).toBeLessThan(2 * answerLimitBytes);
  });

  test("to headers that HTTP cannot send", async () => {
    const server = await serve((_, response) => response.end("{}"));
    const outcome = await exchange(at(server.port), { host: "x", "x-bad": "CANARY\r\n" }, "", callFor(1_000));
    expect(outcome).toMatchObject({ failed: "ERR_INVALID_CHAR", connected: false });
    expect(server.requests.length).toBe(0);
  });
});

describe("the end of waiting", () => {
  test("comes with the call's deadline", async () => {
    const server = await serve(() => {});
    const startMs = Date.now();
    const outcome = await send(at(server.port), callFor(100));
    expect(outcome).toMatchObject({ failed: "TimeoutError", connected: true });
    expect("failed" in outcome && outcome.afterMs).toBeLessThanOrEqual(100);
    expect(Date.now() - startMs).toBeLessThan(400);
  });

  test("comes before anything is sent where the deadline has passed", async () => {
    const server = await serve((_, response) => response.end("{}"));
    expect(await send(at(server.port), callFor(-1))).toMatchObject({ failed: "TimeoutError", afterMs: 0 });
    expect(await send(at(server.port), callFor(1_000, AbortSignal.abort()))).toMatchObject({ failed: "AbortError" });
    expect(server.connections()).toBe(0);
  });

  test("comes with the signal, and closes the connection", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    const server = await serve((_, response) => {
      closed = new Promise((resolve) => response.once("close", resolve));
      controller.abort(new Error("CANARY"));
    });
    expect(await send(at(server.port), callFor(5_000, controller.signal))).toMatchObject({ failed: "AbortError" });
    await closed;
  });

  test(`comes after ${attemptTimeoutMs} ms without an answer`, async () => {
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await serve(() => arrived());
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    const settled = jest.fn();
    const sending = send(at(server.port), callFor(60_000)).then((outcome) => {
      settled();
      return outcome;
    });
    await arrival;
    await jest.advanceTimersByTimeAsync(attemptTimeoutMs - 1);
    expect(settled).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(await sending).toEqual({ failed: "TimeoutError", connected: true, reusedSocket: false, afterMs: 2_000 });
  });

  test(`comes after ${connectTimeoutMs} ms without a connection, TLS included`, async () => {
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { port } = await serveTcp((socket) => socket.once("data", () => arrived()));
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    const sending = send(at(port, "https:"), callFor(60_000));
    await arrival;
    await jest.advanceTimersByTimeAsync(connectTimeoutMs);
    expect(await sending).toEqual({ failed: "TimeoutError", connected: false, reusedSocket: false, afterMs: 1_000 });
  });

  test("comes to one that waits for a connection all the time", async () => {
    const server = await serve(() => {});
    const hanging = Array.from({ length: 50 }, () => send(at(server.port), callFor(300)));
    expect(await send(at(server.port), callFor(200))).toMatchObject({
      failed: "TimeoutError",
      connected: false,
      queued: true,
    });
    for (const outcome of await Promise.all(hanging)) expect(outcome).not.toHaveProperty("queued");
  });

  test("comes late, and said to be so, where a freeze overtook the attempt", async () => {
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await serve(() => arrived());
    stopClock();
    const sending = send(at(server.port), callFor(60_000));
    await arrival;
    freeze(5_000);
    await pass(attemptTimeoutMs);
    expect(await sending).toMatchObject({ failed: "TimeoutError", connected: true, overtaken: true });
  });

  test("does not come where the answer arrived in the freeze", async () => {
    let answer = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const server = await serve((_, response) => {
      response.end('{"late":true}');
      answer();
    });
    stopClock();
    const sending = send(at(server.port), callFor(60_000));
    await arrival;
    // Where timers stand in the loop: before what the network brought.
    await new Promise((resolve) => setImmediate(resolve));
    freeze(5_000);
    jest.advanceTimersByTime(attemptTimeoutMs);
    expect(await sending).toMatchObject({ status: 200, body: '{"late":true}' });
  });

  test("leaves no listener and no timer behind, however it came", async () => {
    const controller = new AbortController();
    const server = await serve((_, response) => response.end("{}"));
    const { port } = await serveTcp((socket) => socket.once("data", () => socket.destroy()));
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    await send(at(server.port), callFor(5_000, controller.signal));
    await send(at(port), callFor(5_000, controller.signal));
    await send(at(port), callFor(-1, controller.signal));
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
