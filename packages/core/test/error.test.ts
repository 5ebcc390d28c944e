import { describe, expect, test } from "@jest/globals";
import { isSecretError, SecretError } from "@serverless-secrets/core";
import { everythingSaidOf } from "./canary.ts";

const notFound = (context = {}) =>
  new SecretError("ERR_SECRET_NOT_FOUND", "the store holds no such secret. Create it.", context);

describe("the message carries all, as Lambda logs nothing else", () => {
  test.each<[what: string, error: SecretError, message: string]>([
    ["nothing but the failure", notFound(), "ERR_SECRET_NOT_FOUND: the store holds no such secret. Create it."],
    [
      "the secret's name",
      notFound({ secretName: "db" }),
      'ERR_SECRET_NOT_FOUND: "db": the store holds no such secret. Create it.',
    ],
    [
      "its reference",
      notFound({ reference: "ssm::/prod/db" }),
      "ERR_SECRET_NOT_FOUND: ssm::/prod/db: the store holds no such secret. Create it.",
    ],
    [
      "both",
      notFound({ secretName: "db", reference: "ssm::/prod/db", cause: { name: "ParameterNotFound", status: 400 } }),
      'ERR_SECRET_NOT_FOUND: "db" (ssm::/prod/db): the store holds no such secret. Create it.',
    ],
    [
      "several",
      new SecretError("ERR_SECRET_NOT_FOUND", "2 of 3 secrets failed.", {
        errors: [
          new SecretError("ERR_SECRET_UNAVAILABLE", "no answer.", { secretName: "a" }),
          notFound({ secretName: "b", reference: "ssm::/b" }),
        ],
      }),
      [
        "ERR_SECRET_NOT_FOUND: 2 of 3 secrets failed.",
        '  ERR_SECRET_UNAVAILABLE: "a": no answer.',
        '  ERR_SECRET_NOT_FOUND: "b" (ssm::/b): the store holds no such secret. Create it.',
      ].join("\n"),
    ],
  ])("%s", (_what, error, message) => {
    expect(error.message).toBe(message);
  });
});

describe("a SecretError", () => {
  test("is an Error, with a stable code and the parts of its message", () => {
    const error = notFound({
      secretName: "db",
      reference: "ssm::/db",
      cause: { name: "X", status: 400, requestId: "r" },
    });
    expect(error).toBeInstanceOf(Error);
    expect({ ...error, detail: error.detail, cause: error.cause }).toEqual({
      name: "SecretError",
      code: "ERR_SECRET_NOT_FOUND",
      secretName: "db",
      reference: "ssm::/db",
      detail: "the store holds no such secret. Create it.",
      cause: { name: "X", status: 400, requestId: "r" },
    });
  });

  test("has no fields for what is not known", () => {
    const error = notFound({ secretName: undefined, reference: undefined, cause: undefined, errors: undefined });
    expect(Object.getOwnPropertyNames(error).sort()).toEqual(["code", "detail", "message", "name", "stack"]);
  });

  test("keeps of a cause its name, status and request id alone", () => {
    const cause = Object.assign(new TypeError("canary"), { status: 400, requestId: "r", body: "canary" });
    const error = notFound({ cause });
    expect(error.cause).toEqual({ name: "TypeError", status: 400, requestId: "r" });
    expect(everythingSaidOf(error)).not.toContain("canary");
  });
});

describe("isSecretError", () => {
  test("knows this package's, and another copy's", () => {
    expect(isSecretError(notFound())).toBe(true);
    expect(isSecretError(Object.assign(new Error("x"), { name: "SecretError", code: "ERR_SECRET_VALUE" }))).toBe(true);
  });

  test.each([
    undefined,
    null,
    "SecretError",
    new Error("x"),
    { code: "ERR_SECRET_VALUE" },
    { name: "SecretError" },
    { name: "SecretError", code: 7 },
    { name: "SecretError", code: "ERR_OTHER" },
    new Proxy(
      {},
      {
        get: () => {
          throw new Error();
        },
      },
    ),
  ])("knows that another thing is none", (thing) => {
    expect(isSecretError(thing)).toBe(false);
  });
});
