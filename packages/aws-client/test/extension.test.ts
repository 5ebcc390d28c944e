import type { RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Call, SecretError } from "@serverless-secrets/core";
import { type LocalAws, startLocalAws } from "@serverless-secrets/local";
import { type AwsRequest, extension } from "../src/index.ts";
import { answerLimitBytes } from "../src/receive.ts";
import { callFor } from "./call.ts";
import { startLoopback } from "./loopback.ts";

const canary = "canary-hunter2";
const environment = { ...process.env };
const cleanUps: (() => unknown)[] = [];
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, { AWS_REGION: "us-west-1", AWS_SESSION_TOKEN: "a-token" });
});
afterEach(async () => {
  process.env = { ...environment };
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const serve = async (listener: RequestListener) => {
  const server = await startLoopback(listener);
  cleanUps.push(server.stop);
  process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = String(server.port);
  return server;
};
const closedPort = async (): Promise<number> => {
  const { port, stop } = await startLoopback(() => {});
  await stop();
  return port;
};
const request = (operation: string, input: object, rest: Partial<AwsRequest> = {}): AwsRequest => ({
  service: operation === "GetParameter" ? "ssm" : "secretsmanager",
  operation,
  region: "us-west-1",
  input,
  resource: "prod/db",
  ...rest,
});
const secret = request("GetSecretValue", { SecretId: "prod/db" });
const ask = (asked: AwsRequest = secret, call: Call = callFor(2_000)) => extension()(asked, call);
const failureOf = (promise: Promise<unknown>): Promise<SecretError> =>
  promise.then(
    () => Promise.reject(new Error("It did not fail")),
    (error: SecretError) => error,
  );

describe("what it is asked", () => {
  const arn = "arn:aws:ssm:us-west-1:111122223333:parameter/prod/db";
  const id = "1234abcd-12ab-34cd-56ef-1234567890ab";
  test.each([
    [request("GetSecretValue", { SecretId: "prod/db +&=%" }), "/secretsmanager/get?secretId=prod%2Fdb+%2B%26%3D%25"],
    [
      request("GetSecretValue", { SecretId: "a", VersionStage: "AWSPREVIOUS" }),
      "/secretsmanager/get?secretId=a&versionStage=AWSPREVIOUS",
    ],
    [request("GetSecretValue", { SecretId: "a", VersionId: id }), `/secretsmanager/get?secretId=a&versionId=${id}`],
    [request("GetParameter", { Name: "/a" }), "/systemsmanager/parameters/get/?name=%2Fa&withDecryption=true"],
    [
      request("GetParameter", { Name: "/a:3" }),
      "/systemsmanager/parameters/get/?name=%2Fa&withDecryption=true&version=3",
    ],
    [
      request("GetParameter", { Name: "/a:v3" }),
      "/systemsmanager/parameters/get/?name=%2Fa&withDecryption=true&label=v3",
    ],
    [
      request("GetParameter", { Name: arn }),
      `/systemsmanager/parameters/get/?name=${encodeURIComponent(arn)}&withDecryption=true`,
    ],
    [
      request("GetParameter", { Name: `${arn}:blue` }),
      `/systemsmanager/parameters/get/?name=${encodeURIComponent(arn)}&withDecryption=true&label=blue`,
    ],
  ])("%j", async (asked, path) => {
    const server = await serve((_, response) => response.end('{"ok":true}'));
    expect(await ask(asked)).toEqual({ ok: true });
    const headers = { host: `localhost:${server.port}`, "x-aws-parameters-secrets-token": "a-token" };
    expect(server.requests).toMatchObject([{ message: { method: "GET", url: path, headers } }]);
  });

  test("the token is read at each request; with SnapStart it is another variable", async () => {
    const server = await serve((_, response) => response.end("{}"));
    await ask();
    process.env.AWS_SESSION_TOKEN = "";
    process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = "snapstart";
    await ask();
    expect(server.requests.map(({ message }) => message.headers["x-aws-parameters-secrets-token"])).toEqual([
      "a-token",
      "snapstart",
    ]);
  });

  test.each([
    ["what it cannot do", {}, request("BatchGetSecretValue", {}), /it cannot BatchGetSecretValue/],
    ["another region", {}, request("GetSecretValue", { SecretId: "a" }, { region: "eu-west-1" }), /own region alone/],
    [
      "another region than the default",
      { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-west-1" },
      secret,
      /own region alone/,
    ],
    ["a port that is none", { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: canary }, secret, /HTTP_PORT is no port/],
    ["a port out of range", { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: "65536" }, secret, /HTTP_PORT is no port/],
    ["without a token", { AWS_SESSION_TOKEN: "" }, secret, /AWS_SESSION_TOKEN, which it asks for, is not set/],
    ["with a token that begins a header", { AWS_SESSION_TOKEN: `${canary}\r\nx: y` }, secret, /holds what no header/],
  ])("nothing: %s", async (_, variables, asked, message) => {
    Object.assign(process.env, variables);
    const error = await failureOf(ask(asked));
    expect(error).toMatchObject({ code: "ERR_SECRET_PROVIDER", message: expect.stringMatching(message) });
    expect(error.message).not.toContain(canary);
  });
});

describe("while it starts", () => {
  const startedAfter = async (options: {
    readonly refusedMs?: number;
    readonly notReadyMs?: number;
  }): Promise<LocalAws> => {
    const aws = await startLocalAws({ region: "us-west-1" });
    cleanUps.push(() => aws.stop());
    aws.createSecret({ name: "prod/db", value: "correct horse" });
    const { env } = await aws.startExtension(options);
    Object.assign(process.env, aws.env, env);
    return aws;
  };

  test.each([{ refusedMs: 200 }, { notReadyMs: 200 }, { refusedMs: 100, notReadyMs: 100 }])(
    "it is asked again: %j",
    async (options) => {
      await startedAfter(options);
      const startMs = Date.now();
      expect(await ask()).toMatchObject({ SecretString: "correct horse" });
      expect(Date.now() - startMs).toBeLessThan(1_000);
    },
  );

  test("it is asked until the deadline, and the error that then comes names the cure", async () => {
    process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = String(await closedPort());
    const startMs = Date.now();
    const error = await failureOf(ask(secret, callFor(400)));
    expect(error).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      cause: { name: "ECONNREFUSED" },
      message: expect.stringMatching(
        /secretsmanager:GetSecretValue on prod\/db: the AWS Parameters and Secrets extension did not answer \(ECONNREFUSED\)\. Check that its layer is in the function/,
      ),
    });
    expect(Date.now() - startMs).toBeLessThan(400);
  });

  test("one that never gets ready is told as such", async () => {
    await startedAfter({ notReadyMs: 60_000 });
    expect(await failureOf(ask(secret, callFor(300)))).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      message: expect.stringMatching(/did not start in time\. Raise the function's memory/),
    });
  });

  test("the end of the call ends it at once", async () => {
    process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = String(await closedPort());
    const ending = new AbortController();
    setTimeout(() => ending.abort(), 100);
    const startMs = Date.now();
    expect(await failureOf(ask(secret, callFor(10_000, ending.signal)))).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
    });
    expect(Date.now() - startMs).toBeLessThan(500);
  });
});

describe("one that does not do as it should", () => {
  test("and hangs does not outlive the call", async () => {
    const server = await serve(() => {});
    const startMs = Date.now();
    expect(await failureOf(ask(secret, callFor(300)))).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      cause: { name: "TimeoutError" },
    });
    expect(Date.now() - startMs).toBeLessThan(500);
    expect(server.requests).toHaveLength(1);
  });

  test("and breaks off is asked again", async () => {
    let times = 0;
    await serve((_, response) => {
      times += 1;
      if (times > 2) response.end('{"SecretString":"x"}');
      else response.writeHead(200, { "content-length": 99 }).write("{", () => response.destroy());
    });
    expect(await ask()).toEqual({ SecretString: "x" });
  });

  test("and sends more than 16 MiB is given up", async () => {
    await serve((_, response) => response.end(Buffer.alloc(answerLimitBytes + 1, " ")));
    expect(await failureOf(ask())).toMatchObject({ code: "ERR_SECRET_PROVIDER", cause: { name: "AnswerTooLarge" } });
  });

  test.each([
    ["a redirect", 302, ""],
    ["no JSON", 200, `<html>${canary}</html>`],
    ["JSON that is no object", 200, `["${canary}"]`],
  ])("and answers with %s is not believed", async (_, status, body) => {
    await serve((_request, response) => response.writeHead(status, { location: "http://evil.example/" }).end(body));
    const error = await failureOf(ask());
    expect(error.code).toBe("ERR_SECRET_PROVIDER");
    expect(error.message).not.toContain(canary);
  });
});

describe("what it refuses", () => {
  test.each([
    [
      "AWS's error as JSON",
      400,
      '{"__type":"ResourceNotFoundException","message":"canary-hunter2"}',
      "ERR_SECRET_NOT_FOUND",
      /ResourceNotFoundException, HTTP 400/,
    ],
    [
      "AWS's error in words",
      400,
      "operation error SSM: GetParameter, api error ParameterNotFound: canary-hunter2",
      "ERR_SECRET_NOT_FOUND",
      /ParameterNotFound/,
    ],
    [
      "a denial in words",
      400,
      "api error AccessDeniedException: canary-hunter2 is not authorized to perform: secretsmanager:GetSecretValue on resource: prod/db",
      "ERR_SECRET_ACCESS_DENIED",
      /Allow that action on that resource/,
    ],
    ["throttling in words", 400, "ThrottlingException: Rate exceeded", "ERR_SECRET_UNAVAILABLE", /ThrottlingException/],
    [
      "the token",
      401,
      "canary-hunter2",
      "ERR_SECRET_ACCESS_DENIED",
      /does not take the token\. Check that nothing changed AWS_SESSION_TOKEN/,
    ],
    [
      "it without a reason",
      400,
      "canary-hunter2",
      "ERR_SECRET_PROVIDER",
      /refused \(HTTP 400\)\. It says why in the function's log/,
    ],
    [
      "it by a fault of its own",
      500,
      "an unexpected error occurred while executing request",
      "ERR_SECRET_UNAVAILABLE",
      /refused \(HTTP 500\)/,
    ],
  ])("%s", async (_, status, body, code, message) => {
    const server = await serve((_request, response) => response.writeHead(status).end(body));
    const error = await failureOf(ask());
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).not.toContain(canary);
    expect(server.requests).toHaveLength(1);
  });
});
