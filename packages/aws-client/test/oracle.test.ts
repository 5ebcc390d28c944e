import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { KMS } from "@aws-sdk/client-kms";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { verifySignature } from "../../local/src/signature.ts";
import { type AwsClients, direct, type Service } from "../src/index.ts";
import { sdk } from "../src/sdk/index.ts";
import { callFor } from "./call.ts";
import { withEnv } from "./env.ts";
import { startLoopback } from "./loopback.ts";
import { operations } from "./operations.ts";

// The SDK is the oracle: it and we are given the same input, and a server that answers {} records what comes.

const region = "us-east-1";
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE==",
};
const server = await startLoopback((_, response) => {
  response.writeHead(200, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "req-1" }).end("{}");
});
afterAll(() => server.stop());

const config = { endpoint: server.url, region, credentials, maxAttempts: 1 };
const clients = {
  ours: direct({ credentials }),
  sdk: sdk({
    kms: () => new KMS(config),
    secretsmanager: () => new SecretsManager(config),
    ssm: () => new SSM(config),
    // Of an answer of DynamoDB's the SDK checks a CRC32, which the recorder does not send.
    dynamodb: () => new DynamoDB(config),
  }),
};

/** What one of the two put on the wire. */
interface Sent {
  readonly line: string;
  readonly target: unknown;
  readonly contentType: unknown;
  readonly host: unknown;
  readonly text: string;
  readonly body: unknown;
  /** The region that a verified signature was made for. */
  readonly signedFor: string;
}

async function sent(by: AwsClients, service: Service, operation: string, input: object): Promise<Sent> {
  const before = server.requests.length;
  await withEnv({ AWS_ENDPOINT_URL: server.url }, () => by({ service, operation, region, input }, callFor(5_000)));
  expect(server.requests.length).toBe(before + 1);
  const { message, body: text } = server.requests[before] as (typeof server.requests)[number];
  const headers = message.rawHeaders.flatMap((name, index, all) =>
    index % 2 === 0 ? [[name, all[index + 1] ?? ""] as const] : [],
  );
  const { method = "", url: path = "" } = message;
  // Written from AWS's documentation for the local server; it shares no code with sign.ts.
  const expected = { ...credentials, service, nowMs: Date.now() };
  const signedFor = verifySignature({ method, path, headers, body: Buffer.from(text) }, expected);
  const { "x-amz-target": target, "content-type": contentType, host } = message.headers;
  return { line: `${method} ${path}`, target, contentType, host, text, body: JSON.parse(text), signedFor };
}

const all = Object.entries(operations).flatMap(([service, named]) =>
  Object.entries(named).map(([operation, inputs]) => [service as Service, operation, inputs] as const),
);

describe("the SDK and the direct client send the same", () => {
  test.each(all)("%s %s", async (service, operation, inputs) => {
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const ours = await sent(clients.ours, service, operation, input);
        const theirs = await sent(clients.sdk, service, operation, input);
        // The SDK writes members in its schema's order, where that is not ours: then the bytes differ, their number does not.
        expect({ ...ours, text: ours.text.length }).toEqual({ ...theirs, text: theirs.text.length });
        expect(ours).toMatchObject({ line: "POST /", signedFor: region });
      }),
      { numRuns: 15 },
    );
  });
});

test("the verifier notices what is not signed as it should be", () => {
  const last = server.requests.at(-1);
  const headers = Object.entries(last?.message.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  const request = { method: "POST", path: "/", headers, body: Buffer.from(`${last?.body} `) };
  const expected = { ...credentials, service: "dynamodb", nowMs: Date.now() };
  expect(() => verifySignature(request, expected)).toThrow(/signature/);
});
