import { expect, test } from "@jest/globals";
import { parseReference, type Scope } from "@serverless-secrets/core";
import { kms } from "../src/index.ts";
import { kmsSealer } from "../src/seal.ts";

const scope: Scope = { partition: "aws", region: "us-west-1", accountId: "111122223333", keyArn: () => undefined };
const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ciphertext = Buffer.from("not a real ciphertext").toString("base64");
const permissions = (...options: readonly string[]) => {
  const provider = kms();
  const targets = options.map((option) => provider.parse(parseReference(`kms::${keyArn}::${ciphertext}${option}`)));
  return provider.permissions(targets, scope);
};

test("a reference without context needs Decrypt with the key, once for all of them", () => {
  expect(permissions("", "")).toEqual([{ actions: ["kms:Decrypt"], resources: [keyArn] }]);
});

test("what is bound to a context is allowed under that context alone", () => {
  expect(permissions("?context.stage=prod", "?context.stage=dev")).toEqual(
    ["prod", "dev"].map((stage) => ({
      actions: ["kms:Decrypt"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:stage": stage } },
    })),
  );
});

test("names of one key and context share a statement", () => {
  expect(permissions("?name=token", "?name=db", "?name=db")).toEqual([
    {
      actions: ["kms:Decrypt"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:name": ["db", "token"] } },
    },
  ]);
});

test("an alias is allowed by the name it is asked for, since its key may change", () => {
  const alias = "arn:aws:kms:us-west-1:111122223333:alias/app";
  expect(kmsSealer().permissions([parseReference(`kms::${alias}?name=db`)], scope)).toEqual([
    {
      actions: ["kms:Encrypt"],
      resources: ["arn:aws:kms:us-west-1:111122223333:key/*"],
      conditions: { StringEquals: { "kms:RequestAlias": "alias/app", "kms:EncryptionContext:name": "db" } },
    },
  ]);
});

test("what a policy would read as a variable or a wildcard is escaped", () => {
  const [permission] = permissions("?context.path=${aws:username}*%3F");
  expect(permission?.conditions?.["StringEquals"]).toEqual({
    "kms:EncryptionContext:path": "${$}{aws:username}${*}${?}",
  });
});
