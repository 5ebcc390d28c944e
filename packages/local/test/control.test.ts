import { request as httpRequest } from "node:http";
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Fault, type LocalAws, type LocalKey, startLocalAws } from "../src/index.ts";
import { client, refusal } from "./client.ts";

let aws: LocalAws;
let kms: ReturnType<typeof client>;
let key: LocalKey;
let CiphertextBlob: Uint8Array;
const Plaintext = new TextEncoder().encode("canary-7f3a");
const EncryptionContext = { stage: "prod" };
beforeEach(async () => {
  aws = await startLocalAws();
  key = aws.createKey({ alias: "alias/app" });
  kms = client(aws, { requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true } });
  const made = await kms.send(new EncryptCommand({ KeyId: key.arn, Plaintext, EncryptionContext }));
  CiphertextBlob = made.CiphertextBlob as Uint8Array;
  aws.clearLog();
});
afterEach(async () => {
  kms.destroy();
  await aws.stop();
});

const decrypt = (): Promise<unknown> =>
  kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: "alias/app" }));

describe("faults", () => {
  const faults: readonly (readonly [Fault, object])[] = [
    [
      { kind: "error", name: "KMSInternalException", status: 500 },
      { name: "KMSInternalException", status: 500 },
    ],
    [
      { kind: "error", name: "DisabledException", message: "so" },
      { name: "DisabledException", message: "so", status: 400 },
    ],
    [{ kind: "throttle" }, { name: "ThrottlingException", message: "Rate exceeded", status: 400 }],
    [{ kind: "hang" }, { name: "TimeoutError" }],
    [{ kind: "reset" }, { message: expect.stringMatching(/ECONNRESET|hang up/) }],
    [{ kind: "truncate" }, { message: expect.stringMatching(/aborted/) }],
    [{ kind: "garbage" }, { message: expect.stringMatching(/Parse Error/) }],
    [{ kind: "notJson" }, { name: "SyntaxError" }],
    [{ kind: "redirect", location: "http://127.0.0.1:1/" }, { status: 307 }],
  ];
  test.each(faults)("%j", async (fault, expected) => {
    const end = aws.fail(fault);
    expect(await refusal(decrypt())).toMatchObject(expected);
    expect(aws.calls.at(-1)).toMatchObject({ operation: "Decrypt", fault: fault.kind });
    end();
    await decrypt();
  });

  test("an answer of any size, sent no faster than it is read", async () => {
    aws.fail({ kind: "huge", sizeBytes: 20_000_001 });
    let sizeBytes = 0;
    /** Sends what the SDK has signed, and counts what comes: the SDK would take minutes to read it. */
    const handle = async (request: { headers: Record<string, string>; body: string }): Promise<never> => {
      const { headers, body } = request;
      await new Promise((resolve, reject) => {
        const sent = httpRequest(aws.endpoint, { method: "POST", headers }, (response) => {
          response.on("data", (chunk: Buffer) => {
            sizeBytes += chunk.length;
          });
          response.on("end", resolve);
        });
        sent.on("error", reject).end(body);
      });
      throw new Error("read");
    };
    await refusal(client(aws, { requestHandler: { handle } as never }).send(new ListKeysCommand({})));
    expect(sizeBytes).toBe(20_000_001);
  });

  test("an answer of one's own", async () => {
    const end = aws.fail({ kind: "answer", body: { KeyId: "arn:aws:kms:us-east-1:111122223333:key/other" } });
    expect(await decrypt()).toMatchObject({ KeyId: "arn:aws:kms:us-east-1:111122223333:key/other" });
    end();
  });

  test("headers of one's own, such as Retry-After", async () => {
    aws.fail({ kind: "error", name: "SlowDown", status: 503, headers: { "retry-after": "2" }, times: 1 });
    await expect(decrypt()).rejects.toMatchObject({ $response: { headers: { "retry-after": "2" } } });
  });

  test("strike so many times, and one operation if it is named", async () => {
    aws.fail({ kind: "throttle", operation: "Decrypt", times: 2 });
    await kms.send(new ListKeysCommand({}));
    expect(await refusal(decrypt())).toMatchObject({ name: "ThrottlingException" });
    expect(await refusal(decrypt())).toMatchObject({ name: "ThrottlingException" });
    await decrypt();
  });

  test("do not hide a wrong signature", async () => {
    const end = aws.fail({ kind: "throttle" });
    const wrong = client(aws, { credentials: { ...aws.credentials, secretAccessKey: "x" } });
    expect(await refusal(wrong.send(new ListKeysCommand({})))).toMatchObject({ name: "InvalidSignatureException" });
    end();
  });

  test("the SDK's own retries get over two of them", async () => {
    aws.fail({ kind: "reset", times: 2 });
    await client(aws, { maxAttempts: 3 }).send(new ListKeysCommand({}));
    expect(aws.calls.map(({ fault, status }) => [fault, status])).toEqual([
      ["reset", undefined],
      ["reset", undefined],
      [undefined, 200],
    ]);
  });
});

test("latency delays every answer", async () => {
  aws.setLatency(120);
  const startMs = Date.now();
  await decrypt();
  expect(Date.now() - startMs).toBeGreaterThanOrEqual(115);
  aws.setLatency(0);
});

test("the clock can be set: a client that corrects its own finds the way", async () => {
  aws.setClockSkew(60 * 60_000);
  expect(await refusal(kms.send(new ListKeysCommand({})))).toMatchObject({ name: "InvalidSignatureException" });
  await kms.send(new ListKeysCommand({})); // the SDK has read the Date header of the refusal
  aws.setClockSkew(0);
});

describe("denials", () => {
  test("are AWS's, word for word", async () => {
    const end = aws.deny({ action: "kms:Decrypt", resource: key.arn });
    expect(await refusal(decrypt())).toEqual({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::111122223333:assumed-role/local/local is not authorized to perform: kms:Decrypt on resource: ${key.arn} because no identity-based policy allows the kms:Decrypt action`,
      status: 400,
    });
    end();
    await decrypt();
  });

  test.each([
    [{ action: "kms:*" }, true],
    [{ action: "KMS:decrypt" }, true],
    [{ action: "kms:Encrypt" }, false],
    [{ action: "kms:D*", resource: "arn:aws:kms:*:key/*" }, true],
    [{ action: "kms:Decrypt", resource: "arn:aws:kms:*:alias/*" }, false],
    [{ action: "kms.Decrypt" }, false],
  ])("%j denies Decrypt: %s", async (rule, denied) => {
    const end = aws.deny(rule);
    const name = await decrypt().then(
      () => undefined,
      (error: Error) => error.name,
    );
    end();
    expect(name === "AccessDeniedException").toBe(denied);
  });
});

describe("the logs", () => {
  test("tell each call, in order", async () => {
    await decrypt();
    await refusal(kms.send(new DecryptCommand({ CiphertextBlob })));
    expect(aws.calls).toMatchObject([
      {
        service: "kms",
        operation: "Decrypt",
        region: "us-east-1",
        status: 200,
        errorName: undefined,
        input: { KeyId: "alias/app", EncryptionContext },
        userAgent: expect.stringMatching(/^aws-sdk-js/),
        headerNames: expect.arrayContaining(["authorization", "x-amz-target"]),
      },
      { operation: "Decrypt", status: 400, errorName: "InvalidCiphertextException" },
    ]);
    expect(Math.abs((aws.calls[0]?.atMs ?? 0) - Date.now())).toBeLessThan(5000);
  });

  test("tell each check that IAM would make", async () => {
    await decrypt();
    expect(aws.checks).toEqual([
      {
        action: "kms:Decrypt",
        resource: key.arn,
        context: {
          "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
          "kms:EncryptionContext:stage": "prod",
          "kms:EncryptionContextKeys": ["stage"],
          "kms:RequestAlias": "alias/app",
        },
        allowed: true,
        requestId: aws.calls[0]?.requestId,
      },
    ]);
  });

  test("hold no plaintext, ciphertext, data key or credential", async () => {
    await kms.send(new EncryptCommand({ KeyId: key.arn, Plaintext, EncryptionContext }));
    await decrypt();
    const { Plaintext: dataKey } = await kms.send(new GenerateDataKeyCommand({ KeyId: key.arn, KeySpec: "AES_256" }));
    await refusal(
      client(aws, { credentials: { accessKeyId: "x", secretAccessKey: "y" } }).send(new ListKeysCommand({})),
    );
    const logs = JSON.stringify([aws.calls, aws.checks]);
    const { accessKeyId, secretAccessKey, sessionToken } = aws.credentials;
    const secrets = [Plaintext, CiphertextBlob, dataKey as Uint8Array].flatMap((bytes) =>
      (["base64", "hex", "latin1"] as const).map((encoding) => Buffer.from(bytes).toString(encoding)),
    );
    for (const secret of [...secrets, accessKeyId, secretAccessKey, sessionToken]) expect(logs).not.toContain(secret);
  });
});
