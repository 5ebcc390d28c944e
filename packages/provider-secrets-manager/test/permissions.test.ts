import { describe, expect, test } from "@jest/globals";
import { parseReference, type Scope } from "@serverless-secrets/core";
import { type SecretsManagerOptions, secretsManager } from "../src/index.ts";
import { secretsManagerSealer } from "../src/seal.ts";

const scope: Scope = { partition: "aws", region: "us-west-1", accountId: "111122223333", keyArn: () => undefined };
const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const arnOf = (name: string) => `arn:aws:secretsmanager:us-west-1:111122223333:secret:${name}`;
const permissions = (refs: readonly string[], options?: SecretsManagerOptions, where = scope) => {
  const provider = secretsManager(options);
  return provider.permissions(
    refs.map((ref) => provider.parse(parseReference(`secretsmanager::${ref}`))),
    where,
  );
};
const get = (...names: readonly string[]) => ({ actions: ["secretsmanager:GetSecretValue"], resources: names });
const batch = { actions: ["secretsmanager:BatchGetSecretValue"], resources: ["*"] };

describe("what reading needs", () => {
  test("one secret: GetSecretValue on its ARN, whose six last characters nobody knows", () => {
    expect(permissions(["prod/db"])).toEqual([get(arnOf("prod/db-??????"))]);
  });

  test("a whole ARN is taken as it is, one without the six characters gets them", () => {
    expect(permissions([arnOf("db-AbCdEf"), arnOf("api")])).toEqual([
      get(arnOf("api-??????"), arnOf("db-AbCdEf")),
      batch,
    ]);
  });

  test("nothing where nothing is read", () => {
    expect(permissions([])).toEqual([]);
  });

  test.each([
    ["two current values", ["a", "b"], true],
    ["two members of one", ["a#/x", "a#/y"], false],
    ["a current value and a stage", ["a", "b::AWSPREVIOUS"], false],
    ["two stages", ["a::AWSCURRENT", "b::AWSCURRENT"], false],
    ["one in each of two regions", ["a", "b?region=eu-west-1"], false],
    ["two of three in one region", ["a?region=eu-west-1", "b", "c?region=eu-west-1"], true],
  ])("the batch is allowed only where two or more are read in one call: %s", (_, refs, isBatched) => {
    expect(permissions(refs).some(({ actions }) => actions.includes("secretsmanager:BatchGetSecretValue"))).toBe(
      isBatched,
    );
  });

  test("through the extension there is no batch", () => {
    expect(permissions(["a", "b"], { via: "extension" })).toEqual([get(arnOf("a-??????"), arnOf("b-??????"))]);
  });

  test("each secret once, whatever is read of it, in a stable order", () => {
    expect(permissions(["b::AWSPREVIOUS", "a", "b#/x"])).toEqual(permissions(["a", "b", "b::AWSPREVIOUS"]));
    expect(permissions(["b::AWSPREVIOUS", "a", "b#/x"])[0]).toEqual(get(arnOf("a-??????"), arnOf("b-??????")));
  });

  test("the region is the reference's, then the scope's, which may be an expression", () => {
    const expressions: Scope = {
      ...scope,
      partition: "${AWS::Partition}",
      region: "${AWS::Region}",
      accountId: "${AWS::AccountId}",
    };
    expect(permissions(["a"], {}, expressions)).toEqual([
      get("arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:a-??????"),
    ]);
    expect(permissions(["a?region=eu-west-1"])[0]).toEqual(get(arnOf("a-??????").replace("us-west-1", "eu-west-1")));
  });
});

describe("a customer's key behind it", () => {
  const decrypt = (secretArns: string | string[], conditions: "StringLike" | "StringEquals" = "StringLike") => {
    const via = { "kms:ViaService": "secretsmanager.us-west-1.amazonaws.com" };
    const context = { "kms:EncryptionContext:SecretARN": secretArns };
    return {
      actions: ["kms:Decrypt"],
      resources: [keyArn],
      conditions:
        conditions === "StringLike"
          ? { StringEquals: via, StringLike: context }
          : { StringEquals: { ...via, ...context } },
    };
  };

  test("is allowed through Secrets Manager alone, for that secret alone", () => {
    expect(permissions([`prod/db?key=${keyArn}`])).toEqual([
      get(arnOf("prod/db-??????")),
      decrypt(arnOf("prod/db-??????")),
    ]);
    expect(permissions([`${arnOf("db-AbCdEf")}?key=${keyArn}`])[1]).toEqual(
      decrypt(arnOf("db-AbCdEf"), "StringEquals"),
    );
  });

  test("is known from the scope where the reference does not say, and shared by its secrets", () => {
    const where: Scope = { ...scope, keyArn: (id) => (id === "plain" ? undefined : keyArn) };
    expect(permissions(["b", "a", "plain", "a::AWSPREVIOUS"], {}, where).slice(2)).toEqual([
      decrypt([arnOf("a-??????"), arnOf("b-??????")]),
    ]);
    const other = keyArn.replace("1234abcd", "ffffffff");
    expect(permissions([`a?key=${other}`], {}, where)[1]).toMatchObject({ resources: [other] });
  });
});

describe("what writing needs", () => {
  const sealer = secretsManagerSealer();
  const permitted = (...refs: readonly string[]) =>
    sealer.permissions(
      refs.map((ref) => parseReference(`secretsmanager::${ref}`)),
      scope,
    );

  test("creating and putting, and the key to encrypt with", () => {
    expect(permitted("b", `a?key=${keyArn}`)).toEqual([
      {
        actions: ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"],
        resources: [arnOf("a-??????"), arnOf("b-??????")],
      },
      expect.objectContaining({ actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] }),
    ]);
    expect(permitted()).toEqual([]);
  });
});
