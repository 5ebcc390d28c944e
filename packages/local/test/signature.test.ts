import { describe, expect, test } from "@jest/globals";
import { type SignedRequest, verifySignature } from "../src/signature.ts";

/** AWS's published test suite for Signature Version 4 ("aws-sig-v4-test-suite"): its credentials, its moment. */
const suite = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  service: "service",
  nowMs: Date.UTC(2015, 7, 30, 12, 36),
};
type Headers = SignedRequest["headers"];
const always: Headers = [
  ["Host", "example.amazonaws.com"],
  ["X-Amz-Date", "20150830T123600Z"],
];

function signed(signature: string, more: Headers = [], body = "", method = "POST"): SignedRequest {
  const headers = [...always, ...more];
  const names = [...new Set(headers.map(([name]) => name.toLowerCase()))].sort().join(";");
  const credential = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { method, path: "/", headers: [...headers, ["Authorization", authorization]], body: Buffer.from(body) };
}

const vanilla = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";

describe("accepts AWS's published examples", () => {
  const examples: readonly (readonly [name: string, request: SignedRequest])[] = [
    ["post-vanilla", signed(vanilla)],
    [
      "post-header-key-sort",
      signed("c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c", [["My-Header1", "value1"]]),
    ],
    [
      "post-header-value-case",
      signed("cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d", [["My-Header1", "VALUE1"]]),
    ],
    [
      "post-x-www-form-urlencoded",
      signed(
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        [["Content-Type", "application/x-www-form-urlencoded"]],
        "Param1=value1",
      ),
    ],
    ["get-vanilla", signed("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", [], "", "GET")],
    [
      "get-header-key-duplicate",
      signed(
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        [
          ["My-Header1", "value2"],
          ["My-Header1", "value2"],
          ["My-Header1", "value1"],
        ],
        "",
        "GET",
      ),
    ],
    [
      "get-header-value-trim",
      signed(
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        [
          ["My-Header1", " value1"],
          ["My-Header2", ' "a   b   c"'],
        ],
        "",
        "GET",
      ),
    ],
  ];
  test.each(examples)("%s", (_name, request) => {
    expect(verifySignature(request, suite)).toBe("us-east-1");
  });

  test("post-sts-header-before (with a session token)", () => {
    const sessionToken =
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    const request = signed("85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead", [
      ["X-Amz-Security-Token", sessionToken],
    ]);
    expect(verifySignature(request, { ...suite, sessionToken })).toBe("us-east-1");
    expect(() => verifySignature(request, { ...suite, sessionToken: "another" })).toThrow(
      expect.objectContaining({ name: "UnrecognizedClientException" }),
    );
  });
});

describe("refuses whatever is changed in one", () => {
  const good = signed(vanilla);
  /** The request with text in its Authorization header replaced. */
  const rewritten = (from: string, to: string): SignedRequest => ({
    ...good,
    headers: good.headers.map(([name, value]) => [name, name === "Authorization" ? value.replace(from, to) : value]),
  });
  const withHeader = (name: string, value: string | undefined): SignedRequest => ({
    ...good,
    headers: good.headers.flatMap((pair) => (pair[0] !== name ? [pair] : value === undefined ? [] : [[name, value]])),
  });

  const changes: readonly (readonly [what: string, request: SignedRequest, name: string, message: RegExp])[] = [
    ["the method", { ...good, method: "PUT" }, "InvalidSignatureException", /does not match/],
    ["the path", { ...good, path: "/x" }, "InvalidSignatureException", /does not match/],
    ["the body", { ...good, body: Buffer.from("{}") }, "InvalidSignatureException", /does not match/],
    ["a signed header", withHeader("Host", "other.amazonaws.com"), "InvalidSignatureException", /does not match/],
    ["the time", withHeader("X-Amz-Date", "20150830T123601Z"), "InvalidSignatureException", /does not match/],
    ["the signature", rewritten("5da7", "5da8"), "InvalidSignatureException", /does not match/],
    ["the signature's length", rewritten(vanilla, vanilla.slice(2)), "InvalidSignatureException", /does not match/],
    ["the signature's case", rewritten(vanilla, vanilla.toUpperCase()), "InvalidSignatureException", /does not match/],
    ["the scope's region", rewritten("us-east-1", "us-east-2"), "InvalidSignatureException", /does not match/],
    ["the scope's region, to none", rewritten("us-east-1", "evil"), "InvalidSignatureException", /valid region/],
    ["the scope's date", rewritten("20150830", "20150831"), "InvalidSignatureException", /'20150831' != '20150830'/],
    ["the scope's service", rewritten("service", "kms"), "InvalidSignatureException", /correct service: 'service'/],
    ["the scope's end", rewritten("aws4_request", "aws5"), "InvalidSignatureException", /valid terminator/],
    ["the scope's parts", rewritten("/service", ""), "IncompleteSignatureException", /5 slash-delimited/],
    ["the access key", rewritten("AKIDEXAMPLE", "AKIDOTHER"), "UnrecognizedClientException", /security token/],
    ["host, not signed", rewritten("host;", ""), "InvalidSignatureException", /'host' must be a 'SignedHeader'/],
    ["the date, not signed", rewritten(";x-amz-date", ""), "InvalidSignatureException", /'x-amz-date' must be/],
    ["a header that is not there", rewritten("host;", "host;nope;"), "InvalidSignatureException", /does not match/],
    ["the algorithm", rewritten("HMAC-SHA256", "HMAC-SHA1"), "MissingAuthenticationTokenException", /Missing/],
    [
      "the authorization, taken away",
      withHeader("Authorization", undefined),
      "MissingAuthenticationTokenException",
      /Mi/,
    ],
    [
      "the signature, taken away",
      rewritten(`, Signature=${vanilla}`, ""),
      "IncompleteSignatureException",
      /'Signature'/,
    ],
    ["a part given twice", rewritten(", Sig", ", Signature=x, Sig"), "IncompleteSignatureException", /not read/],
    ["the date, taken away", withHeader("X-Amz-Date", undefined), "IncompleteSignatureException", /X-Amz-Date/],
    ["the date's form", withHeader("X-Amz-Date", "2015-08-30T12:36:00Z"), "IncompleteSignatureException", /ISO-8601/],
    ["a date that is none", withHeader("X-Amz-Date", "20159930T123600Z"), "IncompleteSignatureException", /ISO-8601/],
  ];
  test.each(changes)("%s", (_what, request, name, message) => {
    expect(() => verifySignature(request, suite)).toThrow(
      expect.objectContaining({ name, status: 400, message: expect.stringMatching(message) }),
    );
  });

  test.each(["X-Amz-Target", "Content-Type", "X-Amz-Extra"])("%s, added without being signed", (name) => {
    const request = { ...good, headers: [...good.headers, [name, "TrentService.Decrypt"] as const] };
    const message = `'${name.toLowerCase()}' must be a 'SignedHeader' in the AWS Authorization.`;
    expect(() => verifySignature(request, suite)).toThrow(expect.objectContaining({ message }));
  });

  test("a header sent a second time", () => {
    const request = { ...good, headers: [...good.headers, ["host", "example.amazonaws.com"] as const] };
    expect(() => verifySignature(request, suite)).toThrow(/does not match/);
  });

  test("another secret key", () => {
    expect(() => verifySignature(good, { ...suite, secretAccessKey: "other" })).toThrow(/does not match/);
  });

  test("a token that was not sent", () => {
    expect(() => verifySignature(good, { ...suite, sessionToken: "t" })).toThrow(/security token/);
  });
});

describe("the clock", () => {
  const at = (minutes: number): string => {
    try {
      return verifySignature(signed(vanilla), { ...suite, nowMs: suite.nowMs + minutes * 60_000 });
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  test("may be five minutes off, either way", () => {
    expect([at(5), at(-5)]).toEqual(["us-east-1", "us-east-1"]);
  });
  test("later than that, the signature is expired", () => {
    expect(at(6)).toBe(
      "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)",
    );
  });
  test("earlier than that, it is not yet current", () => {
    expect(at(-6)).toBe(
      "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)",
    );
  });
});
