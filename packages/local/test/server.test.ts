import { request as httpRequest } from "node:http";
import { EncryptCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { altered, client, refusal } from "./client.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}
/** A request of any form, not signed. */
function raw({
  method = "POST",
  path = "/",
  headers = {},
}: Raw): Promise<{ status: number; body: string; headers: object }> {
  const { hostname, port } = new URL(aws.endpoint);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent: false }, async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
    });
    request.on("error", reject).end();
  });
}

describe("what is refused before anything of it is read", () => {
  test.each([
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "0.0.0.0",
    "10.0.0.1",
    "[::2]",
    "localhost:1:2",
  ])("a Host that is not loopback: %s", async (host) => {
    aws.clearLog();
    const { status, body } = await raw({ headers: { host } });
    expect(status).toBe(403);
    expect(body).toContain("Host is not loopback");
    expect(aws.calls).toEqual([]);
  });

  test.each(["localhost", "LOCALHOST:4566", "127.0.0.1:1", "[::1]:80"])("but not %s", async (host) => {
    expect((await raw({ headers: { host } })).status).toBe(404);
  });

  test.each(["http://evil.example", "null", "http://127.0.0.1"])("any Origin: %s", async (origin) => {
    const { status, body } = await raw({ headers: { origin } });
    expect([status, body]).toEqual([403, expect.stringContaining("not for browsers")]);
  });

  test.each([
    [{ method: "GET" }, 405],
    [{ method: "OPTIONS" }, 405],
    [{ path: "/x" }, 404],
    [{ path: "/?Action=Decrypt" }, 404],
    [{ path: "http://evil.example/" }, 404],
  ])("%j", async (request, status) => {
    expect((await raw(request)).status).toBe(status);
  });

  test("it listens on loopback alone", () => {
    expect(aws.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe("the protocol", () => {
  test("an answer has a request id and AWS's content type", async () => {
    const { headers } = await raw({ headers: { "x-amz-target": "TrentService.ListKeys" } });
    expect(headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  const list = new ListKeysCommand({});
  test.each([
    [
      "an operation that is none",
      { headers: { "x-amz-target": "TrentService.Nope" } },
      "UnknownOperationException",
      400,
    ],
    [
      "an operation of objects' own",
      { headers: { "x-amz-target": "TrentService.constructor" } },
      "UnknownOperationException",
      400,
    ],
    [
      "a service that is none",
      { headers: { "x-amz-target": "Nothing.GetParameter" } },
      "UnknownOperationException",
      404,
    ],
    ["another content type", { headers: { "content-type": "text/plain" } }, "UnknownOperationException", 404],
    ["a body that is not JSON", { body: "{" }, "SerializationException", 400],
    ["a body that is no object", { body: "[]" }, "SerializationException", 400],
    ["a body that is not UTF-8", { body: Buffer.from([0x7b, 0xff, 0x7d]) }, "SerializationException", 400],
    ["a body over 1 MiB", { body: "x".repeat(1024 * 1024 + 1) }, "RequestEntityTooLargeException", 413],
  ])("%s", async (_what, wire, name, status) => {
    expect(await refusal(altered(aws, wire).send(list))).toMatchObject({ name, status });
  });

  test("no answer and no log quotes a body that did not parse", async () => {
    aws.clearLog();
    const refused = await refusal(altered(aws, { body: '{"Plaintext": hunter2' }).send(list));
    expect(JSON.stringify([refused, aws.calls])).not.toContain("hunter2");
  });

  test("names that objects have of themselves are ordinary context names", async () => {
    const { arn } = aws.createKey();
    const body = `{"KeyId":"${arn}","Plaintext":"eA==","EncryptionContext":{"__proto__":"a","constructor":"b"}}`;
    await altered(aws, { body }).send(new EncryptCommand({ KeyId: "x", Plaintext: new Uint8Array(1) }));
    expect(aws.checks.at(-1)?.context).toMatchObject({
      "kms:EncryptionContext:__proto__": "a",
      "kms:EncryptionContext:constructor": "b",
    });
  });
});

describe("only a holder of this start's credentials gets in", () => {
  const list = new ListKeysCommand({});
  const unknown = {
    name: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
    status: 400,
  };

  test("not signed", async () => {
    const headers = { "x-amz-target": "TrentService.ListKeys", "content-type": "application/x-amz-json-1.1" };
    const { status, body } = await raw({ headers });
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { __type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" },
    ]);
  });

  test("another access key, another token, none", async () => {
    const { sessionToken: _, ...longTerm } = aws.credentials;
    for (const credentials of [
      { ...aws.credentials, accessKeyId: "AKIDEXAMPLE" },
      { ...aws.credentials, sessionToken: "other" },
      longTerm,
    ]) {
      expect(await refusal(client(aws, { credentials }).send(list))).toEqual(unknown);
    }
  });

  test("another secret key", async () => {
    const credentials = { ...aws.credentials, secretAccessKey: "other" };
    const refused = await refusal(client(aws, { credentials }).send(list));
    expect(refused).toMatchObject({ name: "InvalidSignatureException", status: 400 });
    expect(refused.message).toMatch(/^The request signature we calculated does not match/);
  });

  test.each(["UNSIGNED-PAYLOAD", "0".repeat(64)])(
    "a body hash that is not the body's, though signed: %s",
    async (hash) => {
      const call = altered(aws, { headers: { "x-amz-content-sha256": hash } }).send(list);
      expect(await refusal(call)).toMatchObject({ name: "InvalidSignatureException" });
    },
  );

  test("a clock that is off", async () => {
    const slow = client(aws, { systemClockOffset: -6 * 60_000 });
    expect((await refusal(slow.send(list))).message).toMatch(/^Signature expired: \d{8}T\d{6}Z is now earlier than /);
  });

  test("each start has its own", async () => {
    const next = await startLocalAws();
    expect(next.credentials).not.toEqual(aws.credentials);
    expect(await refusal(client(next, { credentials: aws.credentials }).send(list))).toEqual(unknown);
    await next.stop();
  });
});

describe("start and stop", () => {
  test.each([{ port: -1 }, { port: 65536 }, { port: 1.5 }, { region: "x@evil.example/#" }, { accountId: "1" }])(
    "refuses %j",
    async (options) => {
      await expect(startLocalAws(options)).rejects.toMatchObject({ name: "RangeError" });
    },
  );

  test("a port in use is an error", async () => {
    const port = Number(new URL(aws.endpoint).port);
    await expect(startLocalAws({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("env leads here", () => {
    expect(aws.env).toMatchObject({
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      AWS_SESSION_TOKEN: aws.credentials.sessionToken,
    });
  });

  test("stopping closes what is under way, and may be repeated", async () => {
    const stopping = await startLocalAws();
    stopping.fail({ kind: "hang" });
    const call = refusal(client(stopping).send(new ListKeysCommand({})));
    while (stopping.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([stopping.stop(), stopping.stop()]);
    expect((await call).name).toMatch(/Error/);
    await expect(fetch(stopping.endpoint)).rejects.toBeDefined();
  });
});
