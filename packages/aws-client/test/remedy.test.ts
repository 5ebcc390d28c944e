import { describe, expect, test } from "@jest/globals";
import { readAnswer } from "../src/answer.ts";
import type { AwsRequest } from "../src/index.ts";
import type { Answer, Failure } from "../src/outcome.ts";
import { failureRemedy, type Remedy, refusalRemedy } from "../src/remedy.ts";
import { isRepeatable } from "../src/repeatable.ts";

const failure = (failed: string, change: Partial<Failure> = {}): Failure => ({
  failed,
  connected: false,
  reusedSocket: false,
  afterMs: 7,
  ...change,
});
const connected = { connected: true };
const reused = { connected: true, reusedSocket: true };

describe("without an answer, what helps a read, and a write", () => {
  test.each<[string, Failure, Remedy, Remedy]>([
    ...["ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "TimeoutError"].map(
      (name): [string, Failure, Remedy, Remedy] => [`${name} before it was sent`, failure(name), "later", "later"],
    ),
    ...["ECONNRESET", "EPIPE", "TimeoutError", "TruncatedAnswer"].map((name): [string, Failure, Remedy, Remedy] => [
      `${name} after it was sent`,
      failure(name, connected),
      "later",
      "look",
    ]),
    ["a kept connection that was closed", failure("ECONNRESET", reused), "reconnect", "look"],
    ["a kept connection that was closed, seen later", failure("EPIPE", reused), "reconnect", "look"],
    ["a kept connection on which nobody answers", failure("TimeoutError", reused), "later", "look"],
    ["a freeze after it was sent", failure("TimeoutError", { connected: true, overtaken: true }), "reconnect", "look"],
    ["a freeze before it was sent", failure("TimeoutError", { overtaken: true }), "reconnect", "reconnect"],
    ["no connection free", failure("TimeoutError", { queued: true }), "later", "later"],
    ["a call that was ended", failure("AbortError", connected), "none", "none"],
    ["too much", failure("AnswerTooLarge", connected), "none", "none"],
    ["no HTTP", failure("HPE_INVALID_CONSTANT", connected), "none", "none"],
    ["a certificate that does not verify", failure("DEPTH_ZERO_SELF_SIGNED_CERT"), "none", "none"],
  ])("%s", (_, failed, read, write) => {
    expect([failureRemedy(failed, true), failureRemedy(failed, false)]).toEqual([read, write]);
  });
});

describe("refused, what helps a read, and a write", () => {
  const request: AwsRequest = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} };
  const remedies = (status: number, name: string, message = ""): readonly Remedy[] => {
    const answer: Answer = { status, headers: {}, body: JSON.stringify({ __type: name, message }) };
    try {
      readAnswer(answer, request);
    } catch (error) {
      return [true, false].map((repeatable) => refusalRemedy(answer, error as never, repeatable));
    }
    throw new Error("no refusal");
  };

  test.each([
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
  ])("%s: much later, as AWS did nothing", (name) => {
    expect(remedies(400, name)).toEqual(["muchlater", "muchlater"]);
  });

  test.each<[number, string, string, Remedy, Remedy]>([
    [429, "Unheard", "", "muchlater", "muchlater"],
    [500, "KMSInternalException", "", "later", "look"],
    [502, "", "", "later", "look"],
    [503, "DependencyTimeoutException", "", "later", "look"],
    [504, "", "", "later", "look"],
    [501, "NotImplemented", "", "none", "none"],
    [400, "RequestTimeout", "", "later", "look"],
    [400, "RequestTimeoutException", "", "later", "look"],
    [400, "ExpiredToken", "", "credentials", "credentials"],
    [400, "ExpiredTokenException", "", "credentials", "credentials"],
    [400, "RequestExpired", "", "clock", "clock"],
    [403, "RequestTimeTooSkewed", "", "clock", "clock"],
    [400, "InvalidSignatureException", "Signature expired: 20300101T000000Z", "clock", "clock"],
    [400, "InvalidSignatureException", "Signature not yet current: 20300101T000000Z", "clock", "clock"],
    [400, "InvalidSignatureException", "The request signature we calculated does not match", "none", "none"],
    [400, "AccessDeniedException", "", "none", "none"],
    [400, "NotFoundException", "", "none", "none"],
    [400, "InvalidCiphertextException", "", "none", "none"],
    [400, "ValidationException", "", "none", "none"],
    [200, "no refusal, but no JSON object either", "", "none", "none"],
  ])("%d %s %s", (status, name, message, read, write) => {
    if (status === 200) {
      const answer: Answer = { status, headers: {}, body: "<html>" };
      expect(() => readAnswer(answer, request)).toThrow();
      return;
    }
    expect(remedies(status, name, message)).toEqual([read, write]);
  });
});

describe("may be sent twice", () => {
  test.each<[string, object, boolean]>([
    ...[
      ...["Decrypt", "Encrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom"],
      ...["DescribeKey", "ListKeys", "GetSecretValue", "BatchGetSecretValue", "DescribeSecret", "GetRandomPassword"],
      ...["GetParameter", "GetParameters", "GetParametersByPath", "DescribeParameters"],
      ...["GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"],
    ].map((operation): [string, object, boolean] => [operation, {}, true]),
    ...[
      ...["CreateKey", "DisableKey", "ScheduleKeyDeletion", "PutSecretValue", "CreateSecret", "UpdateSecret"],
      ...["DeleteSecret", "PutParameter", "DeleteParameters", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"],
      ...["TransactWriteItems", "ExecuteStatement", "QueryAndDelete", "Getaway", "Unheard"],
    ].map((operation): [string, object, boolean] => [operation, {}, false]),
    ["PutSecretValue", { ClientRequestToken: "5d0c…" }, true],
    ["CreateSecret", { ClientRequestToken: "5d0c…" }, true],
    ["TransactWriteItems", { ClientRequestToken: "5d0c…" }, true],
    ["PutSecretValue", { ClientRequestToken: "" }, false],
  ])("%s %j: %s", (operation, input, expected) => {
    expect(isRepeatable({ service: "kms", operation, region: "us-east-1", input })).toBe(expected);
  });
});
