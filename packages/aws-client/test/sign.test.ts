import { Sha256 } from "@aws-crypto/sha256-js";
import { describe, expect, test } from "@jest/globals";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import fc from "fast-check";
import { type Signable, sign, signingKey } from "../src/sign.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const published: Signable = {
  host: "example.amazonaws.com",
  headers: {},
  body: "",
  credentials,
  region: "us-east-1",
  service: "service",
  dateMs: Date.UTC(2015, 7, 30, 12, 36, 0),
};
const sessionToken =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

describe("equals what AWS published", () => {
  // AWS Signature Version 4 test suite.
  test.each([
    ["post-vanilla", {}, "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "post-header-key-sort",
      { headers: { "my-header1": "value1" } },
      "host;my-header1;x-amz-date",
      "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ],
    [
      "post-header-value-case",
      { headers: { "my-header1": "VALUE1" } },
      "host;my-header1;x-amz-date",
      "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ],
    [
      "post-sts-header-before",
      { credentials: { ...credentials, sessionToken } },
      "host;x-amz-date;x-amz-security-token",
      "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ],
    [
      "post-x-www-form-urlencoded",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "Param1=value1" },
      "content-type;host;x-amz-date",
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ])("%s", (_, change, signed, signature) => {
    expect(sign({ ...published, ...change })["authorization"]).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    );
  });

  // "Deriving the signing key", two editions of the AWS General Reference.
  test.each([
    ["20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"],
    ["20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"],
  ])("the signing key of %s", (day, key) => {
    expect(signingKey(credentials.secretAccessKey, day, "us-east-1", "iam").toString("hex")).toBe(key);
  });
});

const printable = (from: number, to: number) => fc.integer({ min: from, max: to }).map((c) => String.fromCharCode(c));
const secretText = fc.string({ unit: printable(0x21, 0x7e), minLength: 1, maxLength: 60 });
const headerValue = fc.string({ unit: fc.oneof(printable(0x20, 0x7e), fc.constant("  "), fc.constant("\t")) });
const requests: fc.Arbitrary<Signable> = fc.record({
  host: fc.oneof(fc.domain(), fc.constant("127.0.0.1:4566"), fc.constant("[::1]:4566")),
  headers: fc
    .dictionary(fc.stringMatching(/^x-[a-z0-9-]{1,20}$/), headerValue)
    .map((headers) => ({ ...headers, "content-type": "application/x-amz-json-1.1" })),
  body: fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.constant(""), fc.uint8Array()),
  credentials: fc.record(
    { accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,32}$/), secretAccessKey: secretText, sessionToken: secretText },
    { requiredKeys: ["accessKeyId", "secretAccessKey"] },
  ),
  region: fc.constantFrom("us-east-1", "us-gov-west-1", "cn-north-1", "ap-southeast-10"),
  service: fc.constantFrom("kms", "secretsmanager", "ssm", "dynamodb"),
  dateMs: fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2099, 11) }),
});

// Both oracles add or want a Content-Length, which the direct path signs as well.
const withLength = (request: Signable): Signable => ({
  ...request,
  headers: { ...request.headers, "content-length": String(Buffer.byteLength(request.body)) },
});

describe("equals other implementations on any request", () => {
  test("aws4", () => {
    fc.assert(
      fc.property(requests.map(withLength), (request) => {
        const ours = sign(request);
        const { host, region, service, credentials } = request;
        const headers = { ...request.headers, host, "x-amz-date": ours["x-amz-date"] };
        const body = typeof request.body === "string" ? request.body : Buffer.from(request.body);
        const theirs = aws4.sign({ method: "POST", path: "/", host, region, service, headers, body }, credentials);
        expect(theirs.headers?.["Authorization"]).toBe(ours["authorization"]);
      }),
    );
  });

  test("@smithy/signature-v4", async () => {
    await fc.assert(
      fc.asyncProperty(requests.map(withLength), async (request) => {
        const { host, region, service, credentials, body } = request;
        const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: false });
        const message = { method: "POST", protocol: "https:", hostname: host, path: "/", query: {}, body };
        const theirs = await signer.sign(
          { ...message, headers: { ...request.headers, host } },
          { signingDate: new Date(request.dateMs) },
        );
        expect(sign(request)).toEqual(theirs.headers);
      }),
    );
  });
});

test("gives the headers that were given, and only the four of the signature besides", () => {
  const headers = sign({
    ...published,
    headers: { "x-amz-target": "T.O" },
    credentials: { ...credentials, sessionToken },
  });
  expect(Object.keys(headers).sort()).toEqual([
    "authorization",
    "host",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
  ]);
});
