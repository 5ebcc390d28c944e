import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { createResolver, type Permission, parseReference, type Scope } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { credstash } from "../src/index.ts";
import { credstashSealer } from "../src/seal.ts";
import { credstashContract, tableInput } from "./contract.ts";
import { grants } from "./grants.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

credstashContract("local AWS", { region: aws.region });

const call = () => ({ signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false });
const createTable = (TableName: string, region = aws.region) =>
  direct()({ service: "dynamodb", operation: "CreateTable", region, input: tableInput(TableName) }, call());
const scope: Scope = { partition: "aws", region: aws.region, accountId: aws.accountId, keyArn: () => undefined };

await createTable("credential-store");
const { arn: defaultKey } = aws.createKey({ alias: "alias/credstash" });
beforeEach(() => aws.clearLog());

describe("as credstash without options", () => {
  test("the table is credential-store and the key alias/credstash, in the region of the environment", async () => {
    expect(await seal(credstashSealer(), "credstash::plain", "correct horse")).toBe("credstash::plain::1");
    const read = createResolver({ providers: [credstash()] });
    expect(await read.resolve("credstash::plain")).toBe("correct horse");
    expect(aws.calls.map(({ operation, input }) => [operation, input["TableName"] ?? input["KeyId"]])).toEqual([
      ["GenerateDataKey", "alias/credstash"],
      ["Query", "credential-store"],
      ["PutItem", "credential-store"],
      ["Query", "credential-store"],
      ["Decrypt", undefined],
    ]);
  });

  test("the table may be in one region and the key in another", async () => {
    await createTable("credential-store", "eu-west-1");
    const { arn } = aws.createKey({ region: "eu-central-1", alias: "alias/credstash" });
    const options = { region: "eu-west-1", kmsRegion: "eu-central-1" };
    const reference = await seal(credstashSealer(options), "credstash::abroad", "correct horse");
    expect(await createResolver({ providers: [credstash(options)] }).resolve(reference)).toBe("correct horse");
    const named = `credstash::abroad::1?region=eu-west-1&key=${arn}`;
    expect(await createResolver({ providers: [credstash()] }).resolve(named)).toBe("correct horse");
    const regions = aws.calls.map(({ service, region }) => `${service} ${region}`);
    expect(new Set(regions)).toEqual(new Set(["dynamodb eu-west-1", "kms eu-central-1"]));
  });
});

describe("a denial names the action and what to allow it on", () => {
  const table = "arn:aws:dynamodb:us-east-1:111122223333:table/credential-store";
  test.each([
    ["credstash::denied", "dynamodb:Query", table],
    ["credstash::denied::1", "dynamodb:GetItem", table],
    [`credstash::denied::1?key=${defaultKey}`, "kms:Decrypt", defaultKey],
    ["credstash::denied", "kms:Decrypt", defaultKey],
  ])("%s, %s", async (reference, action, resource) => {
    await seal(credstashSealer(), "credstash::denied", "x");
    const allow = aws.deny({ action });
    const read = createResolver({ providers: [credstash()] });
    await expect(read.resolve(reference)).rejects.toMatchObject({
      code: "ERR_SECRET_ACCESS_DENIED",
      message: expect.stringContaining(`${action} on ${resource}`),
    });
    allow();
  });

  test("a role without BatchGetItem reads one by one", async () => {
    for (const name of ["one", "two", "three"]) await seal(credstashSealer(), `credstash::single.${name}`, name);
    const allow = aws.deny({ action: "dynamodb:BatchGetItem" });
    const read = createResolver({ providers: [credstash()] });
    const all = ["one", "two", "three"].map((name) => read.resolve(`credstash::single.${name}::1`));
    expect(await Promise.all(all)).toEqual(["one", "two", "three"]);
    allow();
  });
});

describe("the permissions are those that are asked for", () => {
  const all = [
    "credstash::policy.a::1",
    "credstash::policy.b::1",
    "credstash::policy.b",
    `credstash::policy.$*%3F?key=${defaultKey}&context.stage=prod`,
  ];

  async function sealAll(): Promise<void> {
    for (const name of ["a", "b"]) await seal(credstashSealer(), `credstash::policy.${name}?key=${defaultKey}`, "x");
    await seal(credstashSealer(), all[3] as string, "x");
  }

  const read = (references: readonly string[]): readonly Permission[] => {
    const provider = credstash();
    return provider.permissions(
      references.map((reference) => provider.parse(parseReference(reference))),
      { ...scope, keyArn: () => defaultKey },
    );
  };

  test("reading", async () => {
    await sealAll();
    aws.clearLog();
    const provider = credstash();
    const resolver = createResolver({ providers: [provider] });
    await Promise.all(all.map((reference) => resolver.resolve(reference)));
    expect(new Set(aws.checks.map(({ action }) => action))).toEqual(
      new Set(["dynamodb:BatchGetItem", "dynamodb:Query", "kms:Decrypt"]),
    );
    for (const check of aws.checks) expect(grants(read(all), check)).toBe(true);
    // Without a part of them, something is refused.
    for (const part of [all.slice(0, 2), all.slice(2)]) {
      expect(aws.checks.every((check) => grants(read(part), check))).toBe(false);
    }
  });

  test("a request that names no leading key, or one more, is not allowed", () => {
    const permissions = read(all);
    const check = {
      action: "dynamodb:Query",
      resource: `arn:aws:dynamodb:us-east-1:111122223333:table/credential-store`,
    };
    const asked = (names?: readonly string[]) =>
      grants(permissions, { ...check, context: names === undefined ? {} : { "dynamodb:LeadingKeys": names } });
    expect([asked(["policy.a"]), asked(["policy.a", "policy.b"]), asked(["policy.$*?"])]).toEqual([true, true, true]);
    expect([asked(), asked(["policy.a", "other"]), asked(["policy.c"])]).toEqual([false, false, false]);
  });

  test("sealing", async () => {
    const unsealed = ["credstash::policy.new", `credstash::policy.keyed?key=${defaultKey}&context.stage=prod`];
    const sealer = credstashSealer();
    for (const reference of unsealed) await seal(sealer, reference, "x");
    const permissions = sealer.permissions(unsealed.map(parseReference), scope);
    for (const check of aws.checks) expect(grants(permissions, check)).toBe(true);
    const actions = new Set(aws.checks.map(({ action }) => action));
    expect(actions).toEqual(new Set(["kms:GenerateDataKey", "dynamodb:Query", "dynamodb:PutItem"]));
  });
});
