import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { Call } from "@serverless-secrets/core";
import { type AwsCredentials, type AwsRequest, direct } from "../src/index.ts";
import { callFor } from "./call.ts";
import { withEnv } from "./env.ts";
import { type Loopback, listen, startLoopback } from "./loopback.ts";

const credentials: AwsCredentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
const decrypt: AwsRequest = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} };
const put: AwsRequest = { service: "dynamodb", operation: "PutItem", region: "us-east-1", input: {} };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Listener = Parameters<typeof startLoopback>[0];
const serve = async (...listeners: [Listener, ...Listener[]]): Promise<Loopback> => {
  let calls = 0;
  const server = await startLoopback((message, response) => {
    (listeners[Math.min(calls++, listeners.length - 1)] as Listener)(message, response);
  });
  cleanUps.push(server.stop);
  return server;
};
/** An answer: a status, a body, headers. */
const say =
  (status: number, body: object, headers: Record<string, string> = {}): Listener =>
  (_, response) =>
    response.writeHead(status, headers).end(JSON.stringify(body));
const fine = say(200, { a: 1 });
const reset: Listener = (_, response) => response.socket?.resetAndDestroy();

const ask = (
  { url }: Pick<Loopback, "url">,
  request: AwsRequest = decrypt,
  call: Call = callFor(5_000),
  source: Parameters<typeof direct>[0] = { credentials },
) => withEnv({ AWS_ENDPOINT_URL: url }, () => direct(source)(request, call));

describe("a read is tried again", () => {
  test.each<[string, Listener]>([
    ["AWS has a fault", say(503, {})],
    ["the connection breaks", reset],
    ["AWS throttles", say(400, { __type: "ThrottlingException" })],
  ])("when %s, and keeps its invocation id", async (_, listener) => {
    jest.spyOn(Math, "random").mockReturnValue(0.01);
    const server = await serve(listener, listener, fine);
    expect(await ask(server)).toEqual({ a: 1 });
    const ids = server.requests.map(({ message }) => message.headers["amz-sdk-invocation-id"]);
    expect(ids.length).toBe(3);
    expect(new Set(ids).size).toBe(1);
  });

  test("not before the server wants it", async () => {
    const server = await serve(say(503, {}, { "x-amz-retry-after": "300" }), fine);
    const startMs = Date.now();
    await ask(server);
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(299);
  });

  test("until the deadline; the error is AWS's, with its cure, and says how often", async () => {
    const server = await serve(say(503, { __type: "ServiceUnavailable" }));
    const error = await ask(server, decrypt, callFor(600)).catch((thrown: unknown) => thrown);
    expect(server.requests.length).toBeGreaterThan(2);
    expect(error).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: expect.stringMatching(
        `^AWS did not do kms:Decrypt \\(ServiceUnavailable, HTTP 503\\)\\. .* It was tried ${server.requests.length} times\\.$`,
      ),
      cause: { name: "ServiceUnavailable", status: 503 },
    });
  });

  test("a storm of 60 background calls makes 60 attempts and 35 retries, and no more until one succeeds", async () => {
    const server = await serve(...(Array(96).fill(say(500, {})) as [Listener]), fine);
    const call = (): Call => ({ ...callFor(5_000), background: true });
    const storm = await Promise.all(Array.from({ length: 60 }, () => ask(server, decrypt, call()).catch((e) => e)));
    expect(server.requests.length).toBe(95);
    expect(storm.every(({ code }) => code === "ERR_SECRET_UNAVAILABLE")).toBe(true);
    await expect(ask(server)).rejects.toMatchObject({ detail: expect.stringMatching(/Too many calls to this host/) });
    expect(server.requests.length).toBe(96);
    expect(await ask(server)).toEqual({ a: 1 });
  });

  test("ends with the signal, while it waits", async () => {
    const controller = new AbortController();
    const server = await serve((message, response) => {
      say(503, {}, { "retry-after": "4" })(message, response);
      setTimeout(() => controller.abort(), 50);
    });
    const startMs = Date.now();
    await expect(ask(server, decrypt, callFor(60_000, controller.signal))).rejects.toMatchObject({
      cause: { status: 503 },
    });
    expect(Date.now() - startMs).toBeLessThan(1_000);
    expect(server.requests.length).toBe(1);
  });
});

describe("a write is tried again", () => {
  test("when AWS certainly did not do it", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.01);
    const throttled = await serve(say(400, { __type: "ProvisionedThroughputExceededException" }), fine);
    expect(await ask(throttled, put)).toEqual({ a: 1 });
    expect(throttled.requests.length).toBe(2);
  });

  test.each<[string, Listener]>([
    ["had a fault", say(500, {})],
    ["closed the connection", reset],
  ])("and is not when AWS %s: it may have done it, and the error says so", async (_, listener) => {
    const server = await serve(listener, fine);
    await expect(ask(server, put)).rejects.toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: expect.stringMatching(/ AWS may have done it all the same: check that before you repeat it\.$/),
    });
    expect(server.requests.length).toBe(1);
  });

  test("when AWS knows it again by its token", async () => {
    const server = await serve(say(500, {}), fine);
    const input = { ClientRequestToken: "a-token" };
    const secret: AwsRequest = { service: "secretsmanager", operation: "PutSecretValue", region: "us-east-1", input };
    expect(await ask(server, secret)).toEqual({ a: 1 });
    expect(server.requests.map(({ body }) => body)).toEqual(Array(2).fill('{"ClientRequestToken":"a-token"}'));
  });
});

describe("a connection that was kept and is dead", () => {
  /** Answers one request on each connection, and closes it at the second; counts connections. */
  const serveOnce = async (): Promise<{ readonly url: string; readonly opened: () => number }> => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => {}));
      let answered = 0;
      socket.on("data", () => {
        if (answered++ > 0) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a":1}');
      });
    });
    const port = await listen(server as never);
    cleanUps.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://127.0.0.1:${port}`, opened: () => sockets.length };
  };

  test("costs a read one new connection, and neither a delay nor quota", async () => {
    const random = jest.spyOn(Math, "random");
    const server = await serveOnce();
    expect(await ask(server)).toEqual({ a: 1 });
    expect(await ask(server)).toEqual({ a: 1 });
    expect(server.opened()).toBe(2);
    expect(random).not.toHaveBeenCalled();
  });

  test("takes its idle neighbours with it: nobody tries them one after another", async () => {
    const server = await serveOnce();
    await Promise.all(Array.from({ length: 5 }, () => ask(server)));
    expect(server.opened()).toBe(5);
    const random = jest.spyOn(Math, "random");
    expect(await ask(server)).toEqual({ a: 1 });
    expect(server.opened()).toBe(6);
    expect(random).not.toHaveBeenCalled();
  });

  test("ends a write", async () => {
    const server = await serveOnce();
    await ask(server, put);
    await expect(ask(server, put)).rejects.toMatchObject({ cause: { name: "ECONNRESET" } });
    expect(server.opened()).toBe(1);
  });
});

describe("a clock that is off", () => {
  test.each(["RequestTimeTooSkewed", "RequestExpired"])("and no date that helps: one retry, then %s", async (name) => {
    const server = await serve(say(403, { __type: name }));
    await expect(ask(server)).rejects.toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: expect.stringMatching(/set this machine's clock\. It was tried 2 times\.$/),
    });
    expect(server.requests.length).toBe(2);
    const dates = server.requests.map(({ message }) => message.headers["x-amz-date"]);
    expect(
      Date.parse(String(dates[1]).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z")),
    ).toBeGreaterThan(Date.now() - 10_000);
  });

  test("by less than 4 minutes is not the reason: the request was late, and is signed again by our own", async () => {
    const date = new Date(Date.now() + 3 * 60_000).toUTCString();
    const expired = say(400, { __type: "InvalidSignatureException", message: "Signature expired: x" }, { date });
    const server = await serve(expired, fine);
    expect(await ask(server)).toEqual({ a: 1 });
    const sent = String(server.requests[1]?.message.headers["x-amz-date"]);
    expect(sent <= new Date(Date.now() + 60_000).toISOString().replace(/[-:]|\.\d{3}/g, "")).toBe(true);
  });
});

describe("credentials that have expired", () => {
  const expired = say(400, { __type: "ExpiredTokenException" });

  test("are read once more, at once", async () => {
    const server = await serve(expired, fine);
    let reads = 0;
    const source = () => ({ ...credentials, sessionToken: `token-${++reads}` });
    expect(await ask(server, decrypt, callFor(5_000), { credentials: source })).toEqual({ a: 1 });
    expect(server.requests.map(({ message }) => message.headers["x-amz-security-token"])).toEqual([
      "token-1",
      "token-2",
    ]);
  });

  test.each(["ExpiredToken", "ExpiredTokenException"])("for good are UNAVAILABLE (%s)", async (name) => {
    const server = await serve(say(400, { __type: name }));
    await expect(ask(server)).rejects.toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: expect.stringMatching(/The credentials have expired: .* It was tried 2 times\.$/),
    });
    expect(server.requests.length).toBe(2);
  });
});
