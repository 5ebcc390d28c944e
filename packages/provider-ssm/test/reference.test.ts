import { describe, expect, test } from "@jest/globals";
import { parseReference, type SecretError } from "@serverless-secrets/core";
import { type SsmOptions, ssm } from "../src/index.ts";

const arn = "arn:aws:ssm:us-west-1:111122223333:parameter/prod/db";
const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const parse = (reference: string, options?: SsmOptions) => ssm(options).parse(parseReference(reference));

describe("what an ssm reference means", () => {
  const latest = { region: undefined, selector: "", keyArn: undefined, pinned: false, batch: "" };
  test.each([
    ["a path", "/prod/db", { name: "/prod/db", ...latest }],
    ["a name without slashes", "db", { name: "db", ...latest }],
    ["all that a name may hold", "/aZ0_.-", { name: "/aZ0_.-" }],
    ["a name in a region", "/prod/db?region=eu-west-1", { region: "eu-west-1", batch: "eu-west-1" }],
    ["an ARN, which has a region", arn, { name: arn, region: "us-west-1", batch: "us-west-1 111122223333" }],
    ["an ARN and its own region", `${arn}?region=us-west-1`, { name: arn, region: "us-west-1" }],
    ["a version, which never changes", "/prod/db::3", { selector: ":3", pinned: true, batch: "" }],
    ["a version of an ARN", `${arn}::12`, { name: arn, selector: ":12", pinned: true }],
    ["a label, which may move", "/prod/db::blue", { selector: ":blue", pinned: false, batch: "" }],
    ["all that a label may hold", "/prod/db::a1_.-", { selector: ":a1_.-", pinned: false }],
    ["a label that ends in digits", "/prod/db::v3", { selector: ":v3", pinned: false }],
    ["the key behind it", `/prod/db?key=${keyArn}`, { keyArn }],
    ["a name it is bound to", "/prod/db?name=db", { name: "/prod/db" }],
  ])("%s", (_, rest, target) => {
    expect(parse(`ssm::${rest}`)).toMatchObject(target);
  });

  test("members of one parameter are one fetch", () => {
    const ids = ["#/user", "#/password", "?name=db", `?key=${keyArn}`, ""].map(
      (rest) => parse(`ssm::/prod/db${rest}`).id,
    );
    expect(new Set(ids).size).toBe(1);
  });

  test("each other version, region and parameter is a fetch of its own", () => {
    const others = [
      "/prod/db",
      "prod-db",
      "/prod-db",
      "/prod/db::3",
      "/prod/db::33",
      "/prod/db::blue",
      "/prod/db?region=eu-west-1",
      arn,
    ];
    expect(new Set(others.map((rest) => parse(`ssm::${rest}`).id)).size).toBe(others.length);
  });

  test("the provider's region is where names are, and moves no ARN", () => {
    const options = { region: "eu-west-1" };
    expect(parse("ssm::/prod/db", options)).toMatchObject({ region: "eu-west-1", batch: "eu-west-1" });
    expect(parse("ssm::/prod/db?region=us-east-2", options).region).toBe("us-east-2");
    expect(parse(`ssm::${arn}`, options).region).toBe("us-west-1");
  });

  test("the environment is not looked at", () => {
    const before = parse("ssm::/prod/db");
    process.env.AWS_REGION = "eu-west-1";
    expect(parse("ssm::/prod/db")).toEqual(before);
    delete process.env.AWS_REGION;
  });
});

describe("what an ssm reference may not be", () => {
  test.each([
    ["a name with a space", "/prod db", /a parameter's name holds letters/],
    [
      "a name with a version behind a single colon",
      "/prod/database:3",
      /a version or label stands after a second ::, as in ssm::\/prod\/db::3/,
    ],
    ["a name with a wildcard", "/prod/*", /a parameter's name holds/],
    ["a path that no name begins with", "prod/database", /that has a slash begins with one/],
    ["a path and not a name", "/prod/database/", /a parameter's name holds/],
    ["a path with a hole", "/prod//database", /a parameter's name holds/],
    ["the ARN of another service", keyArn, /begins as an ARN, but is none of a parameter/],
    ["the ARN of something else there", arn.replace("parameter/", "document/"), /none of a parameter/],
    ["of a partition that does not hold the region", arn.replace("aws:", "aws-cn:"), /none of a parameter/],
    ["of a region that is a host", arn.replace("us-west-1", "x@evil.example/%23"), /none of a parameter/],
    ["of an account that is none", arn.replace("111122223333", "1"), /none of a parameter/],
    ["an ARN with a version behind a single colon", `${arn}:3`, /none of a parameter/],
    ["in a region that is a host", "/prod/db?region=x@evil.example/", /\?region= is no region/],
    ["in another region than its ARN's", `${arn}?region=eu-west-1`, /\?region= is not the region of its ARN/],
    ["version 0", "/prod/db::0", /neither a version number nor a label/],
    ["a version with a zero before it", "/prod/db::0003", /neither a version number nor a label/],
    ["a label that begins with a digit", "/prod/db::3blue", /neither a version number nor a label/],
    ["a label with a space", "/prod/db::blue green", /neither a version number nor a label/],
    ["an alias for a key", `/prod/db?key=${keyArn.replace(/key\/.*/, "alias/db")}`, /write the ARN of its key/],
    ["a key that is none", "/prod/db?key=alias/database", /\?key= is no ARN of a KMS key/],
    ["an unknown option", "/prod/db?label=blue", /Known options: region, name, key\./],
  ])("%s", (_, rest, message) => {
    const error = thrownBy(() => parse(`ssm::${rest}`));
    expect(error.code).toBe("ERR_SECRET_REFERENCE");
    expect(error.message).toMatch(message);
    const { ref, payload = "" } = parseReference(`ssm::${rest}`);
    for (const part of [ref, payload, "evil.example"]) {
      if (part.length > 3 && part !== "/prod/db") expect(error.message).not.toContain(part);
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
