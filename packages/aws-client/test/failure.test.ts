import { describe, expect, test } from "@jest/globals";
import type { Endpoint } from "../src/endpoint.ts";
import { describeFailure } from "../src/failure.ts";
import type { AwsRequest } from "../src/index.ts";
import type { Failure } from "../src/outcome.ts";

const host = "kms.us-east-1.amazonaws.com";
const aws: Endpoint = { protocol: "https:", hostname: host, port: 443, host };
const local: Endpoint = {
  protocol: "http:",
  hostname: "::1",
  port: 4566,
  host: "[::1]:4566",
  variable: "AWS_ENDPOINT_URL",
};
const request: AwsRequest = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} };
const failure = (failed: string, change: Partial<Failure> = {}): Failure => ({
  failed,
  connected: false,
  reusedSocket: false,
  afterMs: 7,
  ...change,
});
const vpc =
  "In a VPC the function needs a NAT gateway, or an interface endpoint for com.amazonaws.us-east-1.kms whose security group lets it in.";
const passes = "It may pass by itself; where it does not, check the network in between.";
const certificate =
  "Its certificate does not verify: something stands between; NODE_EXTRA_CA_CERTS names a private authority.";

describe("a request without an answer says what to look at", () => {
  test.each<[Failure, string, string]>([
    [failure("ECONNREFUSED"), "UNAVAILABLE", `no connection to ${host}:443 (ECONNREFUSED). ${vpc}`],
    [
      failure("ENOTFOUND"),
      "UNAVAILABLE",
      `no connection to ${host}:443 (ENOTFOUND). Check that there is a region us-east-1. ${vpc}`,
    ],
    [failure("EAI_AGAIN"), "UNAVAILABLE", `no connection to ${host}:443 (EAI_AGAIN). ${vpc}`],
    [failure("EHOSTUNREACH"), "UNAVAILABLE", `no connection to ${host}:443 (EHOSTUNREACH). ${vpc}`],
    [failure("ENETUNREACH"), "UNAVAILABLE", `no connection to ${host}:443 (ENETUNREACH). ${vpc}`],
    [failure("ETIMEDOUT"), "UNAVAILABLE", `no connection to ${host}:443 (ETIMEDOUT). ${vpc}`],
    [failure("TimeoutError", { afterMs: 1_000 }), "UNAVAILABLE", `no connection to ${host}:443 within 1000 ms. ${vpc}`],
    [
      failure("TimeoutError", { connected: true, afterMs: 2_000 }),
      "UNAVAILABLE",
      `no answer from ${host}:443 within 2000 ms. ${passes}`,
    ],
    [
      failure("TimeoutError", { afterMs: 0 }),
      "UNAVAILABLE",
      "the call had ended before it was sent. Raise its timeout.",
    ],
    [
      failure("AbortError", { afterMs: 300 }),
      "UNAVAILABLE",
      `no connection to ${host}:443 when the call was ended, after 300 ms. ${vpc}`,
    ],
    [
      failure("ECONNRESET", { connected: true }),
      "UNAVAILABLE",
      `the connection to ${host}:443 broke (ECONNRESET). ${passes}`,
    ],
    [failure("EPIPE", { connected: true }), "UNAVAILABLE", `the connection to ${host}:443 broke (EPIPE). ${passes}`],
    [failure("TruncatedAnswer", { connected: true }), "UNAVAILABLE", `the answer of ${host}:443 broke off. ${passes}`],
    [
      failure("AnswerTooLarge", { connected: true }),
      "PROVIDER",
      `the answer of ${host}:443 exceeds 16 MiB. Check what answers there: no secret is that large.`,
    ],
    [
      failure("TimeoutError", { queued: true, afterMs: 2_000 }),
      "UNAVAILABLE",
      `all 50 connections to ${host}:443 were in use for 2000 ms. Check why those before it hang, or ask for fewer secrets at once.`,
    ],
    [
      failure("TimeoutError", { overtaken: true, connected: true, afterMs: 2_000 }),
      "UNAVAILABLE",
      `the process stood still while it waited for ${host}:443. Check that nothing blocks it for long; a frozen container does so by itself, and it passes.`,
    ],
    [
      failure("TimeoutError", { connected: true, afterMs: 300 }),
      "UNAVAILABLE",
      `no answer from ${host}:443 within 300 ms. The call had no more time: raise its timeout.`,
    ],
    [
      failure("TimeoutError", { afterMs: 300 }),
      "UNAVAILABLE",
      `no connection to ${host}:443 within 300 ms. The call had no more time: raise its timeout. ${vpc}`,
    ],
    [
      failure("DEPTH_ZERO_SELF_SIGNED_CERT"),
      "PROVIDER",
      `no connection to ${host}:443 (DEPTH_ZERO_SELF_SIGNED_CERT). ${certificate}`,
    ],
    [
      failure("ERR_TLS_CERT_ALTNAME_INVALID"),
      "PROVIDER",
      `no connection to ${host}:443 (ERR_TLS_CERT_ALTNAME_INVALID). ${certificate}`,
    ],
  ])("%j", (failed, code, detail) => {
    expect(describeFailure(failed, aws, request)).toMatchObject({
      code: `ERR_SECRET_${code}`,
      detail: `kms:Decrypt: ${detail}`,
      cause: { name: failed.failed },
    });
  });

  test("and at the variable that chose the endpoint", () => {
    expect(describeFailure(failure("ECONNREFUSED"), local, { ...request, resource: "arn:x" }).detail).toBe(
      "kms:Decrypt on arn:x: no connection to [::1]:4566 (ECONNREFUSED). Check AWS_ENDPOINT_URL, and that its server answers.",
    );
  });
});
