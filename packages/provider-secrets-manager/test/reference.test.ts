import { describe, expect, test } from "@jest/globals";
import { parseReference, type SecretError } from "@serverless-secrets/core";
import { type SecretsManagerOptions, secretsManager } from "../src/index.ts";

const arn = "arn:aws:secretsmanager:us-west-1:111122223333:secret:prod/db-AbCdEf";
const partialArn = "arn:aws:secretsmanager:us-west-1:111122223333:secret:prod/db";
const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const versionId = "1234abcd-12ab-34cd-56ef-1234567890ab";
const parse = (reference: string, options?: SecretsManagerOptions) =>
  secretsManager(options).parse(parseReference(reference));

describe("what a secretsmanager reference means", () => {
  const nothing = { region: undefined, versionId: undefined, versionStage: undefined, keyArn: undefined };
  test.each([
    ["a name", "prod/db", { secretId: "prod/db", ...nothing, batch: "", pinned: false }],
    ["all that a name may hold", "aZ0/_+=.@-", { secretId: "aZ0/_+=.@-" }],
    ["a name that AWS gave", "rds!db-1234", { secretId: "rds!db-1234" }],
    [
      "a name in a region",
      "prod/db?region=eu-west-1",
      { secretId: "prod/db", region: "eu-west-1", batch: "eu-west-1" },
    ],
    ["an ARN, which has a region", arn, { secretId: arn, region: "us-west-1", batch: "us-west-1 111122223333" }],
    ["an ARN without its six characters", partialArn, { secretId: partialArn, region: "us-west-1" }],
    [
      "an ARN of another partition",
      arn.replace("aws:secretsmanager:us-west-1", "aws-cn:secretsmanager:cn-north-1"),
      { region: "cn-north-1" },
    ],
    ["an ARN and its own region", `${arn}?region=us-west-1`, { secretId: arn, region: "us-west-1" }],
    [
      "a stage",
      "prod/db::AWSPREVIOUS",
      { versionStage: "AWSPREVIOUS", versionId: undefined, pinned: false, batch: undefined },
    ],
    ["a stage of one's own", "prod/db::blue/green-2", { versionStage: "blue/green-2" }],
    ["the current stage, said outright", "prod/db::AWSCURRENT", { versionStage: "AWSCURRENT", batch: undefined }],
    [
      "a version id, which never changes",
      `prod/db::${versionId}`,
      { versionId, versionStage: undefined, pinned: true, batch: undefined },
    ],
    [
      "a version id in capitals",
      `prod/db::${versionId.toUpperCase()}`,
      { versionId: versionId.toUpperCase(), pinned: true },
    ],
    [
      "what is nearly a version id: a stage",
      `prod/db::${versionId.slice(1)}`,
      { versionStage: versionId.slice(1), pinned: false },
    ],
    [
      "a version id of another form",
      `prod/db?versionId=${"v".repeat(32)}`,
      { versionId: "v".repeat(32), pinned: true },
    ],
    ["the key behind it", `prod/db?key=${keyArn}`, { keyArn }],
    ["a name it is bound to", "prod/db?name=db", { secretId: "prod/db" }],
  ])("%s", (_, rest, target) => {
    expect({ batch: undefined, ...parse(`secretsmanager::${rest}`) }).toMatchObject(target);
  });

  test("members of one secret are one fetch, and so are its aliases in the manifest", () => {
    const ids = ["#/user", "#/password", "?name=db", `?key=${keyArn}`, ""].map(
      (rest) => parse(`secretsmanager::prod/db${rest}`).id,
    );
    expect(new Set(ids).size).toBe(1);
  });

  test("each other version, region and secret is a fetch of its own", () => {
    const others = [
      "prod/db",
      "prod/dc",
      "prod/db::AWSPREVIOUS",
      `prod/db::${versionId}`,
      "prod/db?region=eu-west-1",
      arn,
      partialArn,
    ];
    expect(new Set(others.map((rest) => parse(`secretsmanager::${rest}`).id)).size).toBe(others.length);
  });

  test("the provider's region is where names are, and moves no ARN", () => {
    const options = { region: "eu-west-1" };
    expect(parse("secretsmanager::prod/db", options)).toMatchObject({ region: "eu-west-1", batch: "eu-west-1" });
    expect(parse("secretsmanager::prod/db?region=us-east-2", options).region).toBe("us-east-2");
    expect(parse(`secretsmanager::${arn}`, options).region).toBe("us-west-1");
  });

  test("the environment is not looked at", () => {
    const before = parse("secretsmanager::prod/db");
    process.env.AWS_REGION = "eu-west-1";
    expect(parse("secretsmanager::prod/db")).toEqual(before);
    delete process.env.AWS_REGION;
  });
});

describe("what a secretsmanager reference may not be", () => {
  test.each([
    ["a name with a space", "prod db", /a secret's name holds letters.*Write secretsmanager::prod\/db/],
    ["a name with a percent sign", "prod%25db", /a secret's name holds/],
    ["a name with a wildcard", "prod/*", /a secret's name holds/],
    ["a name with a colon", "prod:db", /a secret's name holds/],
    ["a name that is too long", "n".repeat(520), /a secret's name holds/],
    ["the ARN of another service", keyArn, /begins as an ARN, but is none of a secret/],
    ["the ARN of something else there", arn.replace("secret:prod", "policy:prod"), /none of a secret/],
    ["of a partition that does not hold the region", arn.replace("aws:", "aws-cn:"), /none of a secret/],
    ["of a region that is a host", arn.replace("us-west-1", "x@evil.example/%23"), /none of a secret/],
    ["of an account that is none", arn.replace("111122223333", "1"), /none of a secret/],
    ["of an ARN with a wildcard", `${partialArn}-%3F%3F%3F%3F%3F%3F`, /none of a secret/],
    ["in a region that is a host", "prod/db?region=x@evil.example/", /\?region= is no region/],
    ["in another region than its ARN's", `${arn}?region=eu-west-1`, /\?region= is not the region of its ARN/],
    ["a stage with a space", "prod/db::AWS CURRENT", /neither a stage nor a version id/],
    ["a version twice", `prod/db::AWSCURRENT?versionId=${versionId}`, /give one of them/],
    ["a version id that is too short", "prod/db?versionId=1", /no version id/],
    ["a version id that a header or a query could end in", `prod/db?versionId=${"v".repeat(31)}%26`, /no version id/],
    ["an alias for a key", `prod/db?key=${keyArn.replace(/key\/.*/, "alias/db")}`, /write the ARN of its key/],
    ["a key that is none", "prod/db?key=alias/db", /\?key= is no ARN of a KMS key/],
    ["the key of another service", `prod/db?key=${arn}`, /\?key= is no ARN of a KMS key/],
    ["an unknown option", "prod/db?verionId=1", /Known options: region, name, versionId, key\./],
  ])("%s", (_, rest, message) => {
    const error = thrownBy(() => parse(`secretsmanager::${rest}`));
    expect(error.code).toBe("ERR_SECRET_REFERENCE");
    expect(error.message).toMatch(message);
    const { ref, payload = "" } = parseReference(`secretsmanager::${rest}`);
    for (const part of [ref, payload, "evil.example"]) {
      if (part.length > 3 && part !== "prod/db") expect(error.message).not.toContain(part);
    }
  });
});

function thrownBy(run: () => unknown): SecretError {
  try {
    run();
  } catch (error) {
    return error as SecretError;
  }
  throw new Error("It was accepted");
}
