import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";
import { type AwsCredentials, type AwsRequest, direct, type Service } from "../src/index.ts";
import { callFor } from "./call.ts";
import { withEnv } from "./env.ts";
import { type Loopback, startLoopback } from "./loopback.ts";

const credentials: AwsCredentials = {
  accessKeyId: "AKIDCANARY",
  secretAccessKey: "secret-CANARY",
  sessionToken: "token-CANARY",
};
const request: AwsRequest = { service: "kms", operation: "Decrypt", region: "us-east-1", input: { KeyId: "ü" } };

let server: Loopback | undefined;
afterEach(() => server?.stop());
const serve = async (listener: Parameters<typeof startLoopback>[0]): Promise<Loopback> => {
  server = await startLoopback(listener);
  return server;
};

describe("a request", () => {
  test.each<[Service, string, string, string]>([
    ["kms", "Decrypt", "TrentService.Decrypt", "application/x-amz-json-1.1"],
    ["secretsmanager", "GetSecretValue", "secretsmanager.GetSecretValue", "application/x-amz-json-1.1"],
    ["ssm", "GetParameters", "AmazonSSM.GetParameters", "application/x-amz-json-1.1"],
    ["dynamodb", "GetItem", "DynamoDB_20120810.GetItem", "application/x-amz-json-1.0"],
  ])("to %s %s is AWS JSON", async (service, operation, target, contentType) => {
    const { url, requests } = await serve((_, response) => response.end('{"a":1}'));
    const clients = direct({ credentials });
    const answer = await withEnv({ AWS_ENDPOINT_URL: url }, () =>
      clients({ ...request, service, operation }, callFor(2_000)),
    );
    expect(answer).toEqual({ a: 1 });
    expect(requests[0]?.body).toBe('{"KeyId":"ü"}');
    expect(requests[0]?.message.headers).toMatchObject({
      "content-type": contentType,
      "content-length": "14",
      "x-amz-target": target,
      "x-amz-security-token": "token-CANARY",
      "x-amz-date": expect.stringMatching(/^\d{8}T\d{6}Z$/),
      "amz-sdk-invocation-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "user-agent": expect.stringMatching(/^serverless-secrets\/[\d.]+ os\/\w+ lang\/js md\/nodejs#[\d.]+$/),
      authorization: expect.stringMatching(
        `^AWS4-HMAC-SHA256 Credential=AKIDCANARY/\\d{8}/us-east-1/${service}/aws4_request, SignedHeaders=amz-sdk-invocation-id;content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$`,
      ),
    });
  });

  test("joins the invocation's trace and names the runtime, unless these are no header", async () => {
    const { url, requests } = await serve((_, response) => response.end("{}"));
    const clients = direct({ credentials });
    const traced = {
      AWS_ENDPOINT_URL: url,
      _X_AMZN_TRACE_ID: "Root=1-5;Sampled=1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    };
    await withEnv(traced, () => clients(request, callFor(2_000)));
    expect(requests[0]?.message.headers).toMatchObject({
      "x-amzn-trace-id": "Root=1-5;Sampled=1",
      "user-agent": expect.stringMatching(/ exec-env\/AWS_Lambda_nodejs24\.x$/),
    });
    const broken = { AWS_ENDPOINT_URL: url, _X_AMZN_TRACE_ID: "a\r\nb: c", AWS_EXECUTION_ENV: "a\nb" };
    await withEnv(broken, () => clients(request, callFor(2_000)));
    expect(requests[1]?.message.headers).not.toHaveProperty("x-amzn-trace-id");
  });

  test.each(["x@evil.example/#", "us-east-1.evil.example"])("to the region %s reaches nobody", async (region) => {
    const { url, requests } = await serve((_, response) => response.end("{}"));
    const sending = withEnv({ AWS_ENDPOINT_URL: url }, () =>
      direct({ credentials })({ ...request, region }, callFor(2_000)),
    );
    await expect(sending).rejects.toMatchObject({ code: "ERR_SECRET_REFERENCE" });
    expect(requests.length).toBe(0);
  });

  test("that fails says so: the canary of credentials, ciphertext and answer is in no error", async () => {
    const { url } = await serve((_, response) => {
      response.statusCode = 400;
      response.end('{"__type":"CANARY CANARY","message":"CANARY"}');
    });
    const clients = direct({ credentials });
    const secret = { ...request, input: { CiphertextBlob: "CANARY" } };
    const errors = await Promise.all([
      withEnv({ AWS_ENDPOINT_URL: url }, () => clients(secret, callFor(2_000))).catch((error: unknown) => error),
      withEnv({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, () => clients(secret, callFor(2_000))).catch(
        (e: unknown) => e,
      ),
      direct({ credentials: { ...credentials, sessionToken: "CANARY\n" } })(secret, callFor(2_000)).catch(
        (e: unknown) => e,
      ),
    ]);
    expect(errors.map((error) => (error as { code: string }).code)).toEqual([
      "ERR_SECRET_PROVIDER",
      "ERR_SECRET_UNAVAILABLE",
      "ERR_SECRET_ACCESS_DENIED",
    ]);
    const shown = inspect(errors, { depth: 9, showHidden: true }) + errors.map((error) => (error as Error).stack);
    expect(shown).not.toContain("CANARY");
  });
});

test("AWS, as another program has it, verifies the signature and decrypts", async () => {
  const aws = await startLocalAws();
  try {
    const { arn } = aws.createKey();
    const call = { service: "kms", region: aws.region, resource: arn } as const;
    await withEnv(aws.env, async () => {
      const clients = direct();
      const context = { name: "dß" };
      const input = { KeyId: arn, Plaintext: "aHVudGVyMg==", EncryptionContext: context };
      const { CiphertextBlob } = await clients({ ...call, operation: "Encrypt", input }, callFor(2_000));
      const sealed = { KeyId: arn, CiphertextBlob, EncryptionContext: context };
      const opened = await clients({ ...call, operation: "Decrypt", input: sealed }, callFor(2_000));
      expect(opened).toMatchObject({ KeyId: arn, Plaintext: "aHVudGVyMg==" });

      const wrong = { ...sealed, EncryptionContext: { name: "other" } };
      await expect(clients({ ...call, operation: "Decrypt", input: wrong }, callFor(2_000))).rejects.toMatchObject({
        code: "ERR_SECRET_INTEGRITY",
        cause: { name: "InvalidCiphertextException" },
      });
      aws.deny({ action: "kms:Decrypt" });
      await expect(clients({ ...call, operation: "Decrypt", input: sealed }, callFor(2_000))).rejects.toMatchObject({
        code: "ERR_SECRET_ACCESS_DENIED",
        detail: `AWS refused kms:Decrypt on ${arn} (AccessDeniedException). Allow that action on that resource in the function's role.`,
      });
      const forged = direct({ credentials: { ...aws.credentials, secretAccessKey: "x" } });
      await expect(forged({ ...call, operation: "Decrypt", input: sealed }, callFor(2_000))).rejects.toMatchObject({
        code: "ERR_SECRET_ACCESS_DENIED",
        cause: { name: "InvalidSignatureException" },
      });
    });
  } finally {
    await aws.stop();
  }
});
