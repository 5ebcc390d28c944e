import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { LabelParameterVersionCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LocalAws, type LocalExtension, startLocalAws } from "../src/index.ts";
import { secretsClient, ssmClient } from "./client.ts";

let aws: LocalAws;
let extension: LocalExtension;
beforeEach(async () => {
  aws = await startLocalAws();
  extension = await aws.startExtension();
});
afterEach(() => aws.stop());

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}
/** Asks the extension as a function does, or with other headers. */
async function ask(path: string, headers?: Record<string, string>, method = "GET"): Promise<Answer> {
  const own = { "X-Aws-Parameters-Secrets-Token": aws.env["AWS_SESSION_TOKEN"] ?? "" };
  const port = extension.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT;
  const response = await fetch(`http://localhost:${port}${path}`, { method, headers: headers ?? own });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}
const json = async (path: string): Promise<unknown> => JSON.parse((await ask(path)).body);
const secret = (query: string): string => `/secretsmanager/get?${query}`;
const parameter = (query: string): string => `/systemsmanager/parameters/get/?${query}`;
const operations = (): unknown[] => aws.calls.map(({ operation, input }) => [operation, input]);

describe("the extension", () => {
  test("answers a secret by name, ARN, stage and version, in the words of AWS's SDK for Go", async () => {
    const { arn, versionId: one } = aws.createSecret({ name: "prod/a+b", value: "1" });
    await secretsClient(aws).send(new PutSecretValueCommand({ SecretId: arn, SecretString: "2" }));
    expect(await json(secret(`secretId=${encodeURIComponent("prod/a+b")}`))).toEqual({
      ARN: arn,
      CreatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      Name: "prod/a+b",
      SecretBinary: null,
      SecretString: "2",
      VersionId: expect.any(String),
      VersionStages: ["AWSCURRENT"],
      ResultMetadata: {},
    });
    const id = encodeURIComponent(arn);
    expect(await json(secret(`secretId=${id}&versionStage=AWSPREVIOUS`))).toMatchObject({ SecretString: "1" });
    expect(await json(secret(`secretId=${id}&versionId=${one}`))).toMatchObject({ SecretString: "1" });
  });

  test("reads a plus as a space, as every query does: names must be encoded", async () => {
    aws.createSecret({ name: "a+b", value: "x" });
    expect((await ask(secret("secretId=a+b"))).body).toContain("ValidationException");
    expect((await ask(secret("secretId=a%2Bb"))).status).toBe(200);
  });

  test("answers binary secrets in base64", async () => {
    aws.createSecret({ name: "b", value: Uint8Array.of(0, 255) });
    expect(await json(secret("secretId=b"))).toMatchObject({ SecretBinary: "AP8=", SecretString: null });
  });

  test("answers a parameter, decrypted if asked, by version or label", async () => {
    for (const value of ["one", "two"]) aws.putParameter({ name: "/a", value });
    await ssmClient(aws).send(new LabelParameterVersionCommand({ Name: "/a", ParameterVersion: 1, Labels: ["prod"] }));
    const name = "name=%2Fa&withDecryption=true";
    expect(await json(parameter(name))).toEqual({
      Parameter: {
        ARN: "arn:aws:ssm:us-east-1:111122223333:parameter/a",
        DataType: "text",
        LastModifiedDate: expect.stringMatching(/Z$/),
        Name: "/a",
        Selector: null,
        SourceResult: null,
        Type: "SecureString",
        Value: "two",
        Version: 2,
      },
      ResultMetadata: {},
    });
    expect(await json(parameter(`${name}&label=prod`))).toMatchObject({
      Parameter: { Value: "one", Selector: ":prod" },
    });
    expect(await json(parameter(`${name}&version=1`))).toMatchObject({ Parameter: { Value: "one", Selector: ":1" } });
    expect(await json(parameter("name=/a"))).toMatchObject({ Parameter: { Value: expect.stringMatching(/^AQICAH/) } });
    expect(await json("/systemsmanager/parameters/get?name=/a")).toMatchObject({ Parameter: { Version: 2 } });
  });

  test("asks for GetSecretValue and GetParameter, with their permissions, logged like any call", async () => {
    const { arn: keyId } = aws.createKey();
    const { arn } = aws.createSecret({ name: "s", value: "x" });
    aws.putParameter({ name: "/a", value: "x", keyId });
    await ask(secret("secretId=s"));
    await ask(parameter("name=/a&withDecryption=true&version=1"));
    expect(operations()).toEqual([
      ["GetSecretValue", { SecretId: "s" }],
      ["GetParameter", { Name: "/a:1", WithDecryption: true }],
    ]);
    expect(aws.calls).toMatchObject([
      { service: "secretsmanager", status: 200, region: "us-east-1" },
      { service: "ssm" },
    ]);
    expect(aws.checks.map(({ action, resource }) => [action, resource])).toEqual([
      ["secretsmanager:GetSecretValue", arn],
      ["ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/a"],
      ["kms:Decrypt", keyId],
    ]);
  });

  test("keeps what it got for 300 s, per stage; refreshNow asks again", async () => {
    const { arn } = aws.createSecret({ name: "s", value: "1" });
    const value = async (query: string): Promise<string> =>
      (JSON.parse((await ask(secret(query))).body) as { SecretString: string }).SecretString;
    expect(await value("secretId=s")).toBe("1");
    await secretsClient(aws).send(new PutSecretValueCommand({ SecretId: arn, SecretString: "2" }));
    aws.clearLog();
    expect(await value("secretId=s")).toBe("1");
    expect(aws.calls).toHaveLength(0);
    expect(await value("secretId=s&versionStage=AWSCURRENT")).toBe("2");
    expect(await value("secretId=s&refreshNow=true")).toBe("2");
    expect(await value("secretId=s")).toBe("2");
    aws.clearLog();
    aws.setClockSkew(299_000);
    await value("secretId=s");
    expect(aws.calls).toHaveLength(0);
    aws.setClockSkew(301_000);
    await value("secretId=s");
    expect(aws.calls).toHaveLength(1);
  });

  test("hands on what the service refuses, and does not keep it", async () => {
    expect(await ask(secret("secretId=nope"))).toEqual({
      status: 400,
      type: "application/json",
      body: '{"__type":"ResourceNotFoundException","message":"Secrets Manager can\'t find the specified secret."}',
    });
    const end = aws.deny({ action: "ssm:GetParameter" });
    aws.putParameter({ name: "/a", value: "x" });
    expect(await json(parameter("name=/a"))).toMatchObject({ __type: "AccessDeniedException" });
    end();
    expect((await ask(parameter("name=/a"))).status).toBe(200);
    aws.fail({ kind: "throttle", operation: "GetSecretValue", times: 1 });
    aws.createSecret({ name: "nope", value: "there now" });
    expect(await json(secret("secretId=nope"))).toMatchObject({ __type: "ThrottlingException" });
    expect(await json(secret("secretId=nope"))).toMatchObject({ SecretString: "there now" });
    expect(aws.calls.map(({ errorName }) => errorName)).toEqual([
      "ResourceNotFoundException",
      "AccessDeniedException",
      undefined,
      "ThrottlingException",
      undefined,
    ]);
  });

  test("fails as it is told, and takes its time", async () => {
    aws.createSecret({ name: "s", value: "x" });
    const end = aws.fail({ kind: "reset", operation: "GetSecretValue" });
    await expect(ask(secret("secretId=s"))).rejects.toBeDefined();
    end();
    aws.setLatency(100);
    const startMs = Date.now();
    await ask(secret("secretId=s"));
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(95);
  });

  test.each<[string, string, Record<string, string> | undefined, string | undefined, number]>([
    ["no token", secret("secretId=s"), {}, undefined, 401],
    ["another token", secret("secretId=s"), { "X-Aws-Parameters-Secrets-Token": "x" }, undefined, 401],
    ["an Origin", secret("secretId=s"), { Origin: "http://evil.example" }, undefined, 403],
    ["another method", secret("secretId=s"), undefined, "POST", 405],
    ["another path", "/", undefined, undefined, 404],
    ["no secretId", secret("secretid=s"), undefined, undefined, 400],
    ["no name", parameter(""), undefined, undefined, 400],
    ["version and label", parameter("name=/a&version=1&label=b"), undefined, undefined, 400],
  ])("refuses %s", async (_what, path, headers, method, status) => {
    aws.createSecret({ name: "s", value: "x" });
    const refused = await ask(path, headers, method);
    expect(refused).toMatchObject({ status, type: "text/plain" });
    expect(aws.calls).toEqual([]);
  });

  test("is cached only for those who know the token", async () => {
    aws.createSecret({ name: "s", value: "x" });
    await ask(secret("secretId=s"));
    expect((await ask(secret("secretId=s"), {})).status).toBe(401);
  });
});

describe("its start", () => {
  test("refuses connections, then is not ready to serve traffic, then serves", async () => {
    aws.createSecret({ name: "s", value: "x" });
    extension = await aws.startExtension({ refusedMs: 150, notReadyMs: 150 });
    const seen: string[] = [];
    for (let status = 0; status !== 200; ) {
      const answer = await ask(secret("secretId=s")).catch(() => undefined);
      status = answer?.status ?? 0;
      const what = answer === undefined ? "refused" : status === 200 ? "200" : `${status} ${answer.body}`;
      if (seen.at(-1) !== what) seen.push(what);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(seen).toEqual(["refused", "400 not ready to serve traffic, please wait", "200"]);
    expect(aws.calls).toHaveLength(1);
  });

  test("takes a region, a port and a TTL of its own; several run side by side", async () => {
    aws.createSecret({ name: "s", value: "paris", region: "eu-west-3" });
    const { port } = extension;
    await extension.stop();
    extension = await aws.startExtension({ region: "eu-west-3", port, ttlMs: 0 });
    expect(extension.port).toBe(port);
    const other = await aws.startExtension();
    expect(other.port).not.toBe(port);
    for (let n = 0; n < 2; n += 1) expect(await json(secret("secretId=s"))).toMatchObject({ SecretString: "paris" });
    expect(aws.calls).toHaveLength(2);
    await expect(aws.startExtension({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("it stops by itself, more than once, before it has opened, and with the server", async () => {
    const later = await aws.startExtension({ refusedMs: 10_000 });
    await later.stop();
    await later.stop();
    await aws.stop();
    await expect(ask(secret("secretId=s"))).rejects.toBeDefined();
  });
});
