import { describe, expect, test } from "@jest/globals";
import { parseReference, type Scope } from "@serverless-secrets/core";
import { type SsmOptions, ssm } from "../src/index.ts";
import { ssmSealer } from "../src/seal.ts";

const scope: Scope = { partition: "aws", region: "us-west-1", accountId: "111122223333", keyArn: () => undefined };
const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const arnOf = (name: string) => `arn:aws:ssm:us-west-1:111122223333:parameter/${name}`;
const permissions = (refs: readonly string[], options?: SsmOptions, where = scope) => {
  const provider = ssm(options);
  return provider.permissions(
    refs.map((ref) => provider.parse(parseReference(`ssm::${ref}`))),
    where,
  );
};
const get = (...names: readonly string[]) => ({ actions: ["ssm:GetParameters"], resources: names.map(arnOf) });

describe("what reading needs", () => {
  test("GetParameters on exact ARNs, whatever the number, never a path", () => {
    expect(permissions(["/prod/db"])).toEqual([get("prod/db")]);
    expect(permissions(["/prod/db", "token", arnOf("prod/api")])).toEqual([get("prod/api", "prod/db", "token")]);
    expect(permissions([])).toEqual([]);
  });

  test("each parameter once, also by another version, by ARN, or with and without its slash", () => {
    expect(permissions(["db", "/db::3", arnOf("db"), "/db::blue"])).toEqual([get("db")]);
  });

  test("through the extension GetParameter, which is another action", () => {
    expect(permissions(["/a", "/b"], { via: "extension" })).toEqual([
      { actions: ["ssm:GetParameter"], resources: [arnOf("a"), arnOf("b")] },
    ]);
  });

  test("the region is the reference's, then the scope's, which may be an expression", () => {
    const expressions: Scope = {
      ...scope,
      partition: "${AWS::Partition}",
      region: "${AWS::Region}",
      accountId: "${AWS::AccountId}",
    };
    expect(permissions(["/a"], {}, expressions)[0]?.resources).toEqual([
      "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/a",
    ]);
    expect(permissions(["/a?region=eu-west-1"])[0]?.resources).toEqual([arnOf("a").replace("us-west-1", "eu-west-1")]);
  });
});

describe("a customer's key behind it", () => {
  const use = (actions: readonly string[], names: readonly string[]) => ({
    actions,
    resources: [keyArn],
    conditions: {
      StringEquals: {
        "kms:ViaService": "ssm.us-west-1.amazonaws.com",
        "kms:EncryptionContext:PARAMETER_ARN": names.length === 1 ? arnOf(String(names)) : names.map(arnOf),
      },
    },
  });

  test("is allowed through SSM alone, for that parameter alone", () => {
    expect(permissions([`/prod/db?key=${keyArn}`])).toEqual([get("prod/db"), use(["kms:Decrypt"], ["prod/db"])]);
  });

  test("is known from the scope where the reference does not say, and shared by its parameters", () => {
    const where: Scope = { ...scope, keyArn: (id) => (id === "/plain" ? undefined : keyArn) };
    expect(permissions(["/b", "/a", "/plain", "/a::3"], {}, where)).toEqual([
      get("a", "b", "plain"),
      use(["kms:Decrypt"], ["a", "b"]),
    ]);
  });

  test("in each region is a grant of its own, as the service that asks is another", () => {
    const where: Scope = { ...scope, keyArn: () => "${Key}" };
    const hosts = permissions(["/a", "/b?region=eu-west-1"], {}, where).slice(1);
    expect(hosts.map(({ conditions }) => conditions?.StringEquals?.["kms:ViaService"])).toEqual([
      "ssm.us-west-1.amazonaws.com",
      "ssm.eu-west-1.amazonaws.com",
    ]);
  });

  test("encrypts what is written, itself or by a data key", () => {
    const unsealed = [parseReference(`ssm::/prod/db?key=${keyArn}`)];
    expect(ssmSealer().permissions(unsealed, scope)).toEqual([
      { actions: ["ssm:PutParameter"], resources: [arnOf("prod/db")] },
      use(["kms:Encrypt", "kms:GenerateDataKey"], ["prod/db"]),
    ]);
    expect(ssmSealer().permissions([], scope)).toEqual([]);
  });
});
