import { describe, expect, test } from "@jest/globals";
import { createResolver, parseReference, type Scope } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kms, kmsfile } from "../src/index.ts";
import { envelopeSealer, kmsSealer } from "../src/seal.ts";

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

describe("of raw ciphertexts, envelopes and files together", () => {
  const wrapped = Buffer.from("not a real data key").toString("base64url");
  const sealed = Buffer.alloc(81).toString("base64url");
  const envelope = (options: string) => `kms::${keyArn}::${wrapped}.${sealed}${options}`;
  const file = (path: string, options = "") => `kmsfile::${keyArn}::1.${wrapped}::${path}${options}`;
  const legacy = `kmsfile::${keyArn}::${ciphertext}::old.txt`;
  const statement = (pairs: Record<string, string>) => ({
    actions: ["kms:Decrypt"],
    resources: [keyArn],
    conditions: {
      StringEquals: Object.fromEntries(
        Object.entries(pairs).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
      ),
    },
  });

  test("an envelope needs its data key alone: the reserved pair, and its name not at all", () => {
    const raw = `kms::${keyArn}::${ciphertext}?context.stage=prod`;
    const references = [
      raw,
      `${raw}&name=db`,
      envelope("?context.stage=prod&name=db"),
      envelope("?context.stage=prod"),
    ];
    const provider = kms();
    const targets = references.map((reference) => provider.parse(parseReference(reference)));
    expect(provider.permissions(targets, scope)).toEqual([
      statement({ stage: "prod" }),
      statement({ stage: "prod", name: "db" }),
      statement({ "serverless-secrets": "envelope/1", stage: "prod" }),
    ]);
  });

  test("all files of one key and context need one statement; those of version 2 have no reserved pair", () => {
    const provider = kmsfile({ allowUnauthenticated: [legacy] });
    const references = [file("a"), file("b", "?name=b"), file("c", "?context.stage=prod"), legacy];
    const targets = references.map((reference) => provider.parse(parseReference(reference)));
    expect(provider.permissions(targets, scope)).toEqual([
      statement({ "serverless-secrets": "kmsfile/1" }),
      statement({ "serverless-secrets": "kmsfile/1", stage: "prod" }),
      { actions: ["kms:Decrypt"], resources: [keyArn] },
    ]);
  });

  test("they are what KMS is asked, no more and no less", async () => {
    const aws = await startLocalAws();
    Object.assign(process.env, aws.env);
    const { arn } = aws.createKey();
    const sealer = envelopeSealer();
    const references = await Promise.all(
      ["", "?name=db", "?context.stage=prod", "?context.stage=prod&name=token"].map((options) =>
        seal(sealer, `kms::${arn}${options}`, "x"),
      ),
    );
    references.push(await seal(kmsSealer(), `kms::${arn}?name=db`, "x"));
    aws.clearLog();
    const provider = kms();
    const { resolve } = createResolver({ providers: [provider] });
    await Promise.all(references.map((reference) => resolve(reference)));
    const targets = references.map((reference) => provider.parse(parseReference(reference)));
    const sorted = (all: readonly unknown[]) => all.map((one) => JSON.stringify(one)).sort();
    const asked = aws.checks.map(({ action, resource, context }) => ({
      actions: [action],
      resources: [resource],
      conditions: {
        StringEquals: Object.fromEntries(
          Object.entries(context).filter(([name]) => name.startsWith("kms:EncryptionContext:")),
        ),
      },
    }));
    expect(sorted(provider.permissions(targets, scope))).toEqual(sorted(asked));
    await aws.stop();
  });
});
