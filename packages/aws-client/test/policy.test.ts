import { describe, expect, test } from "@jest/globals";
import { permitVia, policyLiteral } from "../src/index.ts";

const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const store = { service: "ssm", contextName: "PARAMETER_ARN" } as const;

test("what a policy would read as a variable or a wildcard is escaped", () => {
  expect(policyLiteral("${aws:username}*?/plain")).toBe("${$}{aws:username}${*}${?}/plain");
});

describe("a key that a store uses for its caller", () => {
  test("is allowed through that store alone, on the entries alone, each once, in a stable order", () => {
    const uses = ["b", "a", "b"].map((entryArn) => ({ keyArn, region: "eu-west-1", entryArn }));
    expect(permitVia(["kms:Decrypt"], store, uses)).toEqual([
      {
        actions: ["kms:Decrypt"],
        resources: [keyArn],
        conditions: {
          StringEquals: {
            "kms:ViaService": "ssm.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:PARAMETER_ARN": ["a", "b"],
          },
        },
      },
    ]);
    expect(permitVia(["kms:Decrypt"], store, [])).toEqual([]);
  });

  test("is compared by pattern where an entry's ARN is not wholly known", () => {
    const [permission] = permitVia(["kms:Decrypt"], store, [{ keyArn, region: "eu-west-1", entryArn: "a-??????" }]);
    expect(permission?.conditions).toEqual({
      StringEquals: { "kms:ViaService": "ssm.eu-west-1.amazonaws.com" },
      StringLike: { "kms:EncryptionContext:PARAMETER_ARN": "a-??????" },
    });
  });

  test("in China is allowed through the store by either of its names", () => {
    const [permission] = permitVia(["kms:Decrypt"], store, [{ keyArn, region: "cn-north-1", entryArn: "a" }]);
    expect(permission?.conditions?.["StringEquals"]?.["kms:ViaService"]).toEqual([
      "ssm.cn-north-1.amazonaws.com",
      "ssm.cn-north-1.amazonaws.com.cn",
    ]);
  });
});
