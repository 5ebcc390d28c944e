import { describe, expect, test } from "@jest/globals";
import type { SecretError } from "@serverless-secrets/core";
import { readAnswer } from "../src/answer.ts";
import type { AwsRequest } from "../src/index.ts";

const key = "arn:aws:kms:us-east-1:111122223333:key/1234";
const decrypt: AwsRequest = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {}, resource: key };
const read = (request: AwsRequest, status: number, body: unknown, headers: Record<string, string> = {}): unknown => {
  try {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return readAnswer({ status, body: text, headers: { "x-amzn-requestid": "req-1", ...headers } }, request);
  } catch (error) {
    return error;
  }
};
const on = (service: AwsRequest["service"], operation: string): AwsRequest => ({
  service,
  operation,
  region: "us-east-1",
  input: {},
});

describe("a success", () => {
  test("is its JSON object, and {} where AWS answers with nothing", () => {
    expect(read(decrypt, 200, { Plaintext: "aGk=" })).toEqual({ Plaintext: "aGk=" });
    expect(read(decrypt, 200, "")).toEqual({});
  });

  test.each(["<html>CANARY</html>", '"CANARY"', '["CANARY"]', "null", '{"Plaintext":"CANARY'])(
    "that is no JSON object is refused, unquoted: %s",
    (body) => {
      const error = read(decrypt, 200, body) as SecretError;
      expect(error).toMatchObject({
        code: "ERR_SECRET_PROVIDER",
        detail: `kms:Decrypt on ${key}: the answer is no JSON object, so it does not come from AWS. Look for a proxy in between.`,
        cause: { name: "MalformedAnswer", status: 200, requestId: "req-1" },
      });
      expect(JSON.stringify(error)).not.toContain("CANARY");
    },
  );

  test("that is a redirect is refused", () => {
    expect(read(decrypt, 307, "", { location: "https://evil.example" })).toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: `kms:Decrypt on ${key}: the answer is a redirect (HTTP 307), so it does not come from AWS. Look for a proxy in between.`,
      cause: { name: "Redirect", status: 307, requestId: "req-1" },
    });
  });
});

describe("the error's name", () => {
  test.each([
    [{ "x-amzn-errortype": "NotFoundException" }, {}],
    [{ "x-amzn-errortype": "NotFoundException:http://internal.amazon.com/coral/com.amazon.kms/" }, {}],
    [{}, { __type: "NotFoundException" }],
    [{}, { __type: "com.amazonaws.kms#NotFoundException" }],
    [{}, { __type: "com.amazonaws.kms#NotFoundException:http://internal.amazon.com/#x" }],
  ])("%j %j is NotFoundException", (headers, body) => {
    expect(read(decrypt, 400, body, headers)).toMatchObject({
      code: "ERR_SECRET_NOT_FOUND",
      cause: { name: "NotFoundException", status: 400, requestId: "req-1" },
    });
  });

  test.each([{}, { __type: 7 }, { __type: "CAN ARY" }, { __type: "C".repeat(200) }])("of %j is not known", (body) => {
    expect(read(decrypt, 400, body, { "x-amzn-requestid": "can ary" })).toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: `AWS refused kms:Decrypt on ${key} (UnknownError, HTTP 400).`,
      cause: { name: "UnknownError", status: 400 },
    });
  });
});

// [AWS's error, status, AWS's message, code, what the message says]
const kms: [string, number, string, string, string][] = [
  [
    "InvalidCiphertextException",
    400,
    "",
    "ERR_SECRET_INTEGRITY",
    "The ciphertext is damaged, or was encrypted under another encryption context or name: copy it whole, with the same ?context. and ?name=, or encrypt it again.",
  ],
  [
    "IncorrectKeyException",
    400,
    "CANARY",
    "ERR_SECRET_INTEGRITY",
    "The ciphertext was encrypted under another KMS key than the reference names: correct the key's ARN.",
  ],
  [
    "DisabledException",
    400,
    "CANARY",
    "ERR_SECRET_ACCESS_DENIED",
    "The KMS key is disabled: enable it (aws kms enable-key).",
  ],
  [
    "KMSInvalidStateException",
    400,
    "CANARY is pending deletion",
    "ERR_SECRET_ACCESS_DENIED",
    "The KMS key's state does not allow it: it may be pending deletion (aws kms cancel-key-deletion) or import.",
  ],
  [
    "NotFoundException",
    400,
    "CANARY",
    "ERR_SECRET_NOT_FOUND",
    "The KMS key or alias does not exist in this account and region: check the key's ARN.",
  ],
  [
    "InvalidKeyUsageException",
    400,
    "CANARY",
    "ERR_SECRET_PROVIDER",
    "The KMS key is not one for symmetric encryption (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT).",
  ],
  [
    "ValidationException",
    400,
    "1 validation error detected: Value 'CANARY'",
    "ERR_SECRET_PROVIDER",
    "AWS does not take the request for well-formed: check the name, key and version in the reference.",
  ],
  [
    "UnrecognizedClientException",
    400,
    "CANARY",
    "ERR_SECRET_ACCESS_DENIED",
    "AWS does not know these credentials: check the key id and the session token, and that they belong to this partition.",
  ],
  [
    "InvalidSignatureException",
    400,
    "The request signature we calculated does not match CANARY",
    "ERR_SECRET_ACCESS_DENIED",
    "The secret access key does not belong to the access key id, or something in between changed the request.",
  ],
];
const passing: [string, number, string, string][] = [
  [
    "InvalidSignatureException",
    400,
    "Signature expired: 20150830T123600Z is now earlier than CANARY",
    "It was signed at another time than AWS's: set this machine's clock.",
  ],
  [
    "InvalidSignatureException",
    400,
    "Signature not yet current: CANARY",
    "It was signed at another time than AWS's: set this machine's clock.",
  ],
  ["RequestExpired", 400, "CANARY", "It was signed at another time than AWS's: set this machine's clock."],
  [
    "ExpiredTokenException",
    400,
    "CANARY",
    "The credentials have expired: Lambda renews its own; elsewhere fetch new ones.",
  ],
  [
    "ThrottlingException",
    400,
    "CANARY",
    "A quota of this account and region is used up for the moment: ask for less at once, or raise it.",
  ],
  [
    "LimitExceededException",
    400,
    "CANARY",
    "A quota of this account and region is used up for the moment: ask for less at once, or raise it.",
  ],
  ["RequestTimeoutException", 400, "CANARY", "The request reached AWS too slowly."],
  ["KMSInternalException", 500, "CANARY", "It may pass by itself."],
  ["DependencyTimeoutException", 503, "CANARY", "It may pass by itself."],
  ["Whatever", 429, "CANARY", "It may pass by itself."],
  ["Whatever", 502, "CANARY", "It may pass by itself."],
];

describe("KMS answers an error:", () => {
  test.each(kms)("%s (%i)", (name, status, message, code, cure) => {
    const error = read(decrypt, status, { __type: name, message }) as SecretError;
    expect(error).toMatchObject({
      code,
      detail: `AWS refused kms:Decrypt on ${key} (${name}, HTTP ${status}). ${cure}`,
      cause: { name, status, requestId: "req-1" },
    });
  });

  test.each(passing)("%s (%i) %s: may pass", (name, status, message, cure) => {
    const error = read(decrypt, status, { __type: name, message }) as SecretError;
    expect(error).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: `AWS did not do kms:Decrypt on ${key} (${name}, HTTP ${status}). ${cure}`,
      cause: { name, status, requestId: "req-1" },
    });
  });

  test("an HTML page of a broken load balancer may pass too", () => {
    expect(read(decrypt, 503, "<html>CANARY</html>")).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: `AWS did not do kms:Decrypt on ${key} (UnknownError, HTTP 503). It may pass by itself.`,
    });
  });
});

describe("the other services answer an error:", () => {
  test.each<[AwsRequest, string, string, string]>([
    [on("secretsmanager", "GetSecretValue"), "ResourceNotFoundException", "", "ERR_SECRET_NOT_FOUND"],
    [on("secretsmanager", "GetSecretValue"), "DecryptionFailure", "", "ERR_SECRET_ACCESS_DENIED"],
    [
      on("secretsmanager", "GetSecretValue"),
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
      "ERR_SECRET_NOT_FOUND",
    ],
    [on("secretsmanager", "GetSecretValue"), "InvalidRequestException", "another reason", "ERR_SECRET_PROVIDER"],
    [on("ssm", "GetParameter"), "ParameterNotFound", "", "ERR_SECRET_NOT_FOUND"],
    [on("ssm", "GetParameter"), "ParameterVersionNotFound", "", "ERR_SECRET_NOT_FOUND"],
    [on("ssm", "GetParameter"), "InvalidKeyId", "", "ERR_SECRET_ACCESS_DENIED"],
    [on("dynamodb", "GetItem"), "ResourceNotFoundException", "", "ERR_SECRET_NOT_FOUND"],
    [on("dynamodb", "GetItem"), "ProvisionedThroughputExceededException", "", "ERR_SECRET_UNAVAILABLE"],
    [on("dynamodb", "PutItem"), "ConditionalCheckFailedException", "", "ERR_SECRET_PROVIDER"],
  ])("%j: %s %s is %s", (request, name, message, code) => {
    expect(read(request, 400, { __type: name, message })).toMatchObject({ code, cause: { name, status: 400 } });
  });
});

describe("a denial says what to allow, and where", () => {
  const said = (reason: string) =>
    `User: arn:aws:sts::111122223333:assumed-role/canary/canary is not authorized to perform: kms:Decrypt on resource: ${key} ${reason}`;
  const allow = "Allow that action on that resource in the function's role.";
  test.each([
    ["", allow],
    [said("because no identity-based policy allows the kms:Decrypt action"), allow],
    [
      said("because no resource-based policy allows the kms:Decrypt action"),
      "Allow that action on that resource in the resource-based policy.",
    ],
    [
      said("because no VPC endpoint policy allows the kms:Decrypt action"),
      "Allow that action on that resource in the VPC endpoint policy.",
    ],
    [
      said("because no permissions boundary allows the kms:Decrypt action"),
      "Allow that action on that resource in the permissions boundary.",
    ],
    [
      said("with an explicit deny in a service control policy"),
      "A Deny in the service control policy forbids it: no Allow helps until that statement is changed.",
    ],
    [
      said("with an explicit deny in an identity-based policy"),
      "A Deny in the identity-based policy forbids it: no Allow helps until that statement is changed.",
    ],
    [
      "User: arn:aws:sts::111122223333:assumed-role/canary/canary is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
      "Either it does not exist in that region, or its key policy does not allow that action to the function's role.",
    ],
    ["The ciphertext refers to a customer master key that does not exist, canary", allow],
  ])("%s", (message, cure) => {
    for (const body of [{ message }, { Message: message }]) {
      const error = read(decrypt, 400, { __type: "AccessDeniedException", ...body }) as SecretError;
      expect(error).toMatchObject({
        code: "ERR_SECRET_ACCESS_DENIED",
        detail: `AWS refused kms:Decrypt on ${key} (AccessDeniedException). ${cure}`,
        cause: { name: "AccessDeniedException", status: 400, requestId: "req-1" },
      });
      expect(error.stack).not.toContain("canary");
    }
  });

  test("by AWS's own action and resource, where they are others than were asked for", () => {
    const message =
      "User: x is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:444455556666:key/9, because";
    expect(read(decrypt, 400, { __type: "AccessDeniedException", message })).toMatchObject({
      detail: `AWS refused kms:GenerateDataKey on arn:aws:kms:us-east-1:444455556666:key/9 (AccessDeniedException). ${allow}`,
    });
  });

  test("by the request's action, where AWS says none in its form", () => {
    const message = "is not authorized to perform: <b>canary</b> on resource: canary";
    const request: AwsRequest = on("ssm", "GetParameters");
    expect(read(request, 400, { __type: "AccessDeniedException", message })).toMatchObject({
      detail: `AWS refused ssm:GetParameters (AccessDeniedException). ${allow}`,
    });
  });
});
