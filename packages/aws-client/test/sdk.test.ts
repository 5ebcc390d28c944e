import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { KMS } from "@aws-sdk/client-kms";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, afterEach, describe, expect, jest, test } from "@jest/globals";
import type { SecretError } from "@serverless-secrets/core";
import { startLocalAws } from "@serverless-secrets/local";
import { type AwsClients, type AwsRequest, direct } from "../src/index.ts";
import { sdk } from "../src/sdk/index.ts";
import { callFor } from "./call.ts";
import { withEnv } from "./env.ts";
import { startLoopback } from "./loopback.ts";

const aws = await startLocalAws();
const key = aws.createKey({ alias: "alias/app" });
afterAll(() => aws.stop());

const config = (region: string) => ({ region, endpoint: aws.endpoint, credentials: aws.credentials, maxAttempts: 1 });
const throughSdk = sdk({ kms: (region) => new KMS(config(region)) });
const ours = direct({ credentials: aws.credentials });
const on = (operation: string, input: object = {}, more: Partial<AwsRequest> = {}): AwsRequest => ({
  service: "kms",
  operation,
  region: aws.region,
  input,
  resource: key.arn,
  ...more,
});
const ask = (clients: AwsClients, request: AwsRequest, timeoutMs = 5_000): Promise<Record<string, unknown>> =>
  withEnv({ AWS_ENDPOINT_URL: aws.endpoint }, () => clients(request, callFor(timeoutMs)));
const refused = async (clients: AwsClients, request: AwsRequest, timeoutMs?: number): Promise<SecretError> => {
  try {
    await ask(clients, request, timeoutMs);
  } catch (error) {
    return error as SecretError;
  }
  throw new Error("it was not refused");
};
const told = ({ code, detail, cause }: SecretError) => ({
  code,
  detail,
  cause: { ...(cause as object), requestId: undefined },
});
const Plaintext = Buffer.from("correct horse").toString("base64");

let end = (): void => {};
afterEach(() => end());

describe("an answer is that of the built-in client", () => {
  test("with its bytes as base64 text", async () => {
    const sealed = await ask(throughSdk, on("Encrypt", { KeyId: key.arn, Plaintext, EncryptionContext: { a: "b" } }));
    expect(sealed).toEqual({
      CiphertextBlob: expect.stringMatching(/^[\w+/]+=*$/),
      KeyId: key.arn,
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    });
    const { CiphertextBlob } = sealed;
    const decrypt = on("Decrypt", { KeyId: key.arn, CiphertextBlob, EncryptionContext: { a: "b" } });
    const opened = await ask(throughSdk, decrypt);
    expect(opened).toMatchObject({ KeyId: key.arn, Plaintext });
    expect(opened).toEqual(await ask(ours, decrypt));
  });

  test("with its times in seconds", async () => {
    const describeKey = on("DescribeKey", { KeyId: key.arn });
    expect(await ask(throughSdk, describeKey)).toEqual(await ask(ours, describeKey));
  });

  test("{} where AWS answers with nothing", async () => {
    expect(await ask(throughSdk, on("CreateAlias", { AliasName: "alias/other", TargetKeyId: key.keyId }))).toEqual({});
  });
});

describe("an error is that of the built-in client", () => {
  const decrypt = on("Decrypt", { KeyId: key.arn, CiphertextBlob: "CANARY==" });

  test.each([
    ["InvalidCiphertextException", 400, "CANARY"],
    ["NotFoundException", 400, "CANARY"],
    ["DisabledException", 400, "CANARY"],
    ["ThrottlingException", 429, "CANARY"],
    ["KMSInternalException", 500, "CANARY"],
    ["DependencyTimeoutException", 503, "CANARY"],
    ["UnrecognizedClientException", 400, "CANARY"],
    ["ExpiredTokenException", 400, "CANARY"],
    ["InvalidSignatureException", 400, "The request signature we calculated does not match CANARY"],
    ["AccessDeniedException", 400, "User: CANARY is not authorized"],
    ["SomethingNewException", 400, "CANARY"],
    ["SomethingNewException", 502, "CANARY"],
    ["ValidationException", 400, "1 validation error detected: CANARY"],
  ])("%s (%i)", async (name, status, message) => {
    end = aws.fail({ kind: "error", name, status, message });
    const error = await refused(throughSdk, decrypt);
    // Of one attempt: how often each tries again is its own affair.
    const expected = await refused(ours, { ...decrypt }, 400).catch(() => undefined);
    expect(error).toMatchObject({ cause: { name, status, requestId: expect.stringMatching(/^[\w-]+$/) } });
    if (expected?.code !== "ERR_SECRET_UNAVAILABLE") expect(told(error)).toEqual(told(expected as SecretError));
    else expect(error.code).toBe(expected.code);
    expect(JSON.stringify(error) + error.stack).not.toContain("CANARY");
  });

  test("a denial says which action to allow, and where", async () => {
    end = aws.deny({ action: "kms:Decrypt" });
    const { CiphertextBlob } = await ask(throughSdk, on("Encrypt", { KeyId: key.arn, Plaintext }));
    expect(await refused(throughSdk, on("Decrypt", { KeyId: key.arn, CiphertextBlob }))).toMatchObject({
      code: "ERR_SECRET_ACCESS_DENIED",
      detail: `AWS refused kms:Decrypt on ${key.arn} (AccessDeniedException). Allow that action on that resource in the function's role.`,
    });
  });

  test("an answer that is no JSON is not quoted", async () => {
    end = aws.fail({ kind: "notJson" });
    const error = await refused(throughSdk, decrypt);
    expect(error).toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: `kms:Decrypt on ${key.arn}: the AWS SDK failed (SyntaxError). The answer does not come from AWS: look for a proxy in between.`,
    });
    // The SDK's parse error quotes what it read.
    expect(JSON.stringify(error) + error.stack).not.toContain("It works");
  });

  test("a page of a broken load balancer may pass", async () => {
    const page = await startLoopback((_, response) => response.writeHead(503).end("<html>CANARY</html>"));
    const clients = sdk({ kms: (region) => new KMS({ ...config(region), endpoint: page.url }) });
    const error = await refused(clients, decrypt).finally(page.stop);
    expect(error).toMatchObject({ code: "ERR_SECRET_UNAVAILABLE", cause: { name: "UnknownError", status: 503 } });
    expect(error.message).not.toContain("CANARY");
  });
});

describe("the call's end", () => {
  const decrypt = on("Decrypt", { KeyId: key.arn, CiphertextBlob: "aGk=" });

  test("is kept though nobody answers, and the request is aborted", async () => {
    const silent = await startLoopback(() => {});
    const clients = sdk({ kms: (region) => new KMS({ ...config(region), endpoint: silent.url }) });
    const startMs = Date.now();
    const error = await refused(clients, decrypt, 150);
    expect(error).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      cause: { name: "TimeoutError" },
      detail: expect.stringContaining("no answer within 150 ms"),
    });
    expect(Date.now() - startMs).toBeLessThan(1_000);
    const closed = new Promise((resolve) => silent.requests[0]?.message.socket.once("close", resolve));
    await Promise.race([closed, new Promise((_, reject) => setTimeout(reject, 1_000))]);
    await silent.stop();
  });

  test("is kept while the SDK pauses between its own attempts", async () => {
    end = aws.fail({ kind: "throttle" });
    const clients = sdk({ kms: (region) => new KMS({ ...config(region), maxAttempts: 2 }) });
    const startMs = Date.now();
    expect((await refused(clients, decrypt, 300)).code).toBe("ERR_SECRET_UNAVAILABLE");
    expect(Date.now() - startMs).toBeLessThan(1_000);
  });

  test("is kept while credentials do not come", async () => {
    const clients = sdk({ kms: (region) => new KMS({ ...config(region), credentials: () => new Promise(() => {}) }) });
    expect(await refused(clients, decrypt, 100)).toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
  });

  test("may come by the signal, before it or during it", async () => {
    const ending = new AbortController();
    end = aws.fail({ kind: "hang" });
    const pending = throughSdk(decrypt, callFor(5_000, ending.signal));
    setTimeout(() => ending.abort(), 50);
    await expect(pending).rejects.toMatchObject({ code: "ERR_SECRET_UNAVAILABLE", cause: { name: "AbortError" } });
    const before = aws.calls.length;
    await expect(throughSdk(decrypt, callFor(5_000, ending.signal))).rejects.toMatchObject({
      detail: expect.stringContaining("had ended before it was sent"),
    });
    expect(aws.calls.length).toBe(before);
  });
});

describe("credentials", () => {
  const decrypt = on("Decrypt", { KeyId: key.arn, CiphertextBlob: "aGk=" });
  const bare = (region: string) => new KMS({ region, endpoint: aws.endpoint, maxAttempts: 1 });

  test("are found by the SDK's own chain: a profile", async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = aws.credentials;
    const { mkdtemp, writeFile } = await import("node:fs/promises");
    const folder = await mkdtemp(`${(await import("node:os")).tmpdir()}/sdk-`);
    const profile = `[profile dev]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`;
    await writeFile(`${folder}/config`, `${profile}aws_session_token=${sessionToken}\n`);
    const variables = {
      AWS_PROFILE: "dev",
      AWS_CONFIG_FILE: `${folder}/config`,
      AWS_SHARED_CREDENTIALS_FILE: `${folder}/none`,
    };
    const answer = await withEnv(variables, () =>
      sdk({ kms: bare })(on("DescribeKey", { KeyId: key.arn }), callFor(5_000)),
    );
    expect(answer).toMatchObject({ KeyMetadata: { Arn: key.arn } });
  });

  test("that cannot be had are told so, with a cure", async () => {
    const none = { AWS_PROFILE: "nowhere", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
    const error = await withEnv({ ...none, AWS_EC2_METADATA_DISABLED: "true" }, () =>
      sdk({ kms: bare })(decrypt, callFor(5_000)).catch((thrown: SecretError) => thrown),
    );
    expect(error).toMatchObject({
      code: "ERR_SECRET_ACCESS_DENIED",
      detail: `kms:Decrypt on ${key.arn}: the AWS SDK has no credentials to sign with (CredentialsProviderError). Check AWS_PROFILE and the profile, sign in again (aws sso login), or check the trust policy of the role to assume.`,
      cause: { name: "CredentialsProviderError" },
    });
  });

  test.each([
    [{ name: "AccessDenied", status: 403 }, "ERR_SECRET_ACCESS_DENIED"],
    [{ name: "ServiceUnavailable", status: 503 }, "ERR_SECRET_UNAVAILABLE"],
  ])("that STS refuses are not taken for a refusal of KMS: %j", async ({ name, status }, code) => {
    const sts = Object.assign(new Error("CANARY"), { name, $fault: "client", $metadata: { httpStatusCode: status } });
    const clients = sdk({ kms: (region) => new KMS({ ...config(region), credentials: () => Promise.reject(sts) }) });
    const error = await refused(clients, decrypt);
    expect(error).toMatchObject({ code, cause: { name, status } });
    expect(error.detail).toContain("has no credentials to sign with");
    expect(error.stack).not.toContain("CANARY");
  });
});

describe("clients", () => {
  test("are made once for a region, and called there", async () => {
    const made = jest.fn((region: string) => new KMS(config(region)));
    const clients = sdk({ kms: made });
    aws.clearLog();
    for (const region of ["eu-west-1", "us-west-2", "eu-west-1"]) {
      await refused(clients, on("Decrypt", { CiphertextBlob: "aGk=" }, { region }));
    }
    expect(made.mock.calls).toEqual([["eu-west-1"], ["us-west-2"]]);
    expect(aws.calls.map(({ region }) => region)).toEqual(["eu-west-1", "us-west-2", "eu-west-1"]);
  });

  test("of another region than the reference's are not used: the same name there is another secret", async () => {
    const clients = sdk({ ssm: () => new SSM(config("us-east-1")) });
    const request = on("GetParameters", { Names: ["/a"] }, { service: "ssm", region: "eu-west-1" });
    const before = aws.calls.length;
    expect(await refused(clients, request)).toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: expect.stringContaining("is not for eu-west-1. Write sdk({ ssm: (region) => new SSM({ region }) })"),
    });
    expect(aws.calls.length).toBe(before);
  });

  test.each([
    ["kms", "KMS"],
    ["secretsmanager", "SecretsManager"],
    ["ssm", "SSM"],
    ["dynamodb", "DynamoDB"],
  ] as const)("of %s that were not given are told so, with the line to write", async (service, name) => {
    expect(await refused(sdk({}), on("Ask", {}, { service }))).toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: expect.stringContaining(`Write sdk({ ${service}: (region) => new ${name}({ region }) })`),
    });
  });

  test("are not made for what is no region", async () => {
    const made = jest.fn((region: string) => new KMS(config(region)));
    expect(await refused(sdk({ kms: made }), on("Decrypt", {}, { region: "evil.example/" }))).toMatchObject({
      code: "ERR_SECRET_REFERENCE",
    });
    expect(made).not.toHaveBeenCalled();
  });

  test("may be a test's own objects", async () => {
    const getSecretValue = jest.fn(async (..._: unknown[]) => ({ SecretBinary: Uint8Array.of(104, 105) }));
    const clients = sdk({ secretsmanager: () => ({ getSecretValue }) });
    const request = on("GetSecretValue", { SecretId: "a" }, { service: "secretsmanager" });
    expect(await ask(clients, request)).toEqual({ SecretBinary: "aGk=" });
    expect(getSecretValue).toHaveBeenCalledWith({ SecretId: "a" }, { abortSignal: expect.any(AbortSignal) });
    expect(await refused(clients, { ...request, operation: "PutSecretValue" })).toMatchObject({
      detail: expect.stringContaining("has no method putSecretValue"),
    });
  });

  test("of another service do not compile", () => {
    sdk({ kms: (region) => new KMS({ region }), secretsmanager: (region) => new SecretsManager({ region }) });
    sdk({ ssm: (region) => new SSM({ region }), dynamodb: (region) => new DynamoDB({ region }) });
    // @ts-expect-error SSM cannot decrypt
    sdk({ kms: (region) => new SSM({ region }) });
    // @ts-expect-error a client is of one region: it takes a function of the region
    sdk({ kms: new KMS({}) });
  });
});
