import { expect, test } from "@jest/globals";
import { parseReference, type Scope } from "@serverless-secrets/core";
import { credstash } from "../src/index.ts";
import { credstashSealer } from "../src/seal.ts";

const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const scope: Scope = { partition: "aws", region: "us-west-1", accountId: "111122223333", keyArn: () => undefined };
const tableArn = "arn:aws:dynamodb:us-west-1:111122223333:table/credential-store";

const permissions = (references: readonly string[], where: Scope = scope) => {
  const provider = credstash();
  return provider.permissions(
    references.map((reference) => provider.parse(parseReference(reference))),
    where,
  );
};

const onNames = (...names: readonly string[]) => ({
  "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": names },
  Null: { "dynamodb:LeadingKeys": "false" },
});

test.each([
  ["a highest version", ["credstash::a"], ["dynamodb:Query"]],
  ["one pinned version", ["credstash::a::1", "credstash::a::01"], ["dynamodb:GetItem"]],
  ["two of one name", ["credstash::a::1", "credstash::a::2"], ["dynamodb:GetItem", "dynamodb:BatchGetItem"]],
  ["one of each", ["credstash::a::1", "credstash::a"], ["dynamodb:GetItem", "dynamodb:Query"]],
])("%s", (_, references, actions) => {
  expect(permissions(references)).toEqual([{ actions, resources: [tableArn], conditions: onNames("a") }]);
});

test("each table is allowed for its own names alone, in its own region", () => {
  expect(permissions(["credstash::b", "credstash::a", "credstash::c::1?table=prod&region=eu-west-1"])).toEqual([
    { actions: ["dynamodb:Query"], resources: [tableArn], conditions: onNames("a", "b") },
    {
      actions: ["dynamodb:GetItem"],
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/prod"],
      conditions: onNames("c"),
    },
  ]);
});

test("Decrypt is allowed with the key that a reference names, under its context alone, once", () => {
  const prod = `credstash::a?key=${keyArn}&context.stage=prod`;
  expect(permissions([prod, prod.replace("::a", "::b"), `credstash::a?key=${keyArn}`]).slice(1)).toEqual([
    {
      actions: ["kms:Decrypt"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:stage": "prod" } },
    },
    { actions: ["kms:Decrypt"], resources: [keyArn] },
  ]);
});

test("else with the key that the scope knows by the secret's name", () => {
  const keyOf = (id: string) => (id === "a" ? keyArn : undefined);
  expect(permissions(["credstash::a", "credstash::b"], { ...scope, keyArn: keyOf }).slice(1)).toEqual([
    { actions: ["kms:Decrypt"], resources: [keyArn] },
  ]);
});

test("what a policy would read as a variable or a wildcard is escaped", () => {
  const [table, key] = permissions([`credstash::\${aws:username}*%3F?key=${keyArn}&context.path=*`]);
  expect(table?.conditions).toEqual(onNames("${$}{aws:username}${*}${?}"));
  expect(key?.conditions).toEqual({ StringEquals: { "kms:EncryptionContext:path": "${*}" } });
});

test("sealing writes to these names, and takes a data key from the key, else from alias/credstash", () => {
  const unsealed = ["credstash::a", `credstash::b?key=${keyArn}&context.stage=prod`].map(parseReference);
  expect(credstashSealer().permissions(unsealed, scope)).toEqual([
    {
      actions: ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:GetItem"],
      resources: [tableArn],
      conditions: onNames("a", "b"),
    },
    {
      actions: ["kms:GenerateDataKey"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:stage": "prod" } },
    },
    {
      actions: ["kms:GenerateDataKey"],
      resources: ["arn:aws:kms:us-west-1:111122223333:key/*"],
      conditions: { StringEquals: { "kms:RequestAlias": "alias/credstash" } },
    },
  ]);
  expect(credstashSealer().permissions([], scope)).toEqual([]);
});
