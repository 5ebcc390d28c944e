import { describe, expect, test } from "@jest/globals";
import { parseReference } from "@serverless-secrets/core";
import fc from "fast-check";
import { type KmsOptions, kms } from "../src/index.ts";

const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const replicaArn = "arn:aws:kms:us-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
const ciphertext = Buffer.from("not a real ciphertext").toString("base64");
const parse = (reference: string, options?: KmsOptions) => kms(options).parse(parseReference(reference));

describe("what a kms reference means", () => {
  test("the region, the account and the key are those of the ARN", () => {
    const { key, pinned, batch } = parse(`kms::${keyArn}::${ciphertext}`);
    expect(key).toEqual({
      arn: keyArn,
      partition: "aws",
      region: "us-west-1",
      accountId: "111122223333",
      alias: undefined,
    });
    expect({ pinned, batch }).toEqual({ pinned: true, batch: undefined });
  });

  test("as version 2 of the plugin printed it, with an alias", () => {
    const alias = "arn:aws:kms:us-east-1:123456789012:alias/MyAliasName";
    expect(parse(`kms::${alias}::${ciphertext}`).key).toMatchObject({ arn: alias, alias: "alias/MyAliasName" });
  });

  test("?name= is part of the encryption context, and the order of options does not matter", () => {
    const one = parse(`kms::${keyArn}::${ciphertext}?name=db&context.stage=prod&context.app=shop`);
    const two = parse(`kms::${keyArn}::${ciphertext}?context.app=shop&context.stage=prod&name=db`);
    expect(one.context).toEqual({ app: "shop", name: "db", stage: "prod" });
    expect(one.id).toBe(two.id);
  });

  test("no two contexts share a cache entry", () => {
    const pairs = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 });
    const idOf = (context: Record<string, string>) => {
      const options = new Map(Object.entries(context).map(([name, value]) => [`context.${name}`, value]));
      return kms().parse({ scheme: "kms", ref: keyArn, payload: ciphertext, options }).id;
    };
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        fc.pre(["serverless-secrets", "name"].every((pair) => !(pair in a) && !(pair in b)));
        const same = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
        expect(idOf(a) === idOf(b)).toBe(same);
      }),
    );
  });

  test("a multi-Region key is called where its reference says, or where the provider is told", () => {
    const called = replicaArn.replace("us-west-1", "eu-west-1");
    expect(parse(`kms::${replicaArn}::${ciphertext}?region=eu-west-1`).key.arn).toBe(called);
    expect(parse(`kms::${replicaArn}::${ciphertext}`, { region: "eu-west-1" }).key.arn).toBe(called);
    expect(parse(`kms::${replicaArn}::${ciphertext}`).key.arn).toBe(replicaArn);
    expect(parse(`kms::${keyArn}::${ciphertext}`, { region: "eu-west-1" }).key.arn).toBe(keyArn);
  });
});

describe("what a kms reference may not be", () => {
  test.each([
    ["no key ARN", `kms::alias/db::${ciphertext}`, /ARN of a KMS key/],
    ["the ARN of another service", `kms::arn:aws:s3:us-west-1:111122223333:key/x::${ciphertext}`, /ARN of a KMS key/],
    ["of a partition that does not hold the region", `kms::${keyArn.replace("aws:", "aws-cn:")}::${ciphertext}`, /ARN/],
    ["of a region that is a host", `kms::${keyArn.replace("us-west-1", "x@evil.example/%23")}::${ciphertext}`, /ARN/],
    ["of an account that is none", `kms::${keyArn.replace("111122223333", "1")}::${ciphertext}`, /ARN of a KMS key/],
    ["without ciphertext", `kms::${keyArn}`, /no ciphertext.*aws kms encrypt/],
    ["of what is no base64", `kms::${keyArn}::${ciphertext}!`, /not base64.*Copy it whole/],
    ["cut within base64", `kms::${keyArn}::${ciphertext.slice(0, -1)}`, /not base64/],
    ["over what KMS takes", `kms::${keyArn}::${Buffer.alloc(6_145).toString("base64")}`, /over the 6144 bytes/],
    ["in a region where the key is not", `kms::${keyArn}::${ciphertext}?region=eu-west-1`, /only multi-region/i],
    ["in no region", `kms::${replicaArn}::${ciphertext}?region=x@evil.example/`, /no region/],
    ["of a pair that is reserved", `kms::${keyArn}::${ciphertext}?context.serverless-secrets=x`, /reserved/],
    ["of a name given twice", `kms::${keyArn}::${ciphertext}?name=db&context.name=db`, /is written "\?name="/],
    ["of an unknown option", `kms::${keyArn}::${ciphertext}?nmae=db`, /Known options: region, name, context.NAME/],
  ])("%s", (_, reference, message) => {
    expect(() => parse(reference)).toThrow(expect.objectContaining({ code: "ERR_SECRET_REFERENCE" }));
    expect(() => parse(reference)).toThrow(message);
  });
});
