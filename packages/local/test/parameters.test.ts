import {
  GetParameterCommand,
  GetParametersCommand,
  type GetParametersResult,
  LabelParameterVersionCommand,
  PutParameterCommand,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { refusal, ssmClient } from "./client.ts";

let aws: LocalAws;
let ssm: ReturnType<typeof ssmClient>;
beforeEach(async () => {
  aws = await startLocalAws();
  ssm = ssmClient(aws);
});
afterEach(async () => {
  ssm.destroy();
  await aws.stop();
});

const place = "arn:aws:ssm:us-east-1:111122223333:parameter";
const refused = (name: string, message: string): object => ({ name, message, status: 400 });
const get = async (Name: string, WithDecryption = true) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

describe("PutParameter", () => {
  test.each(["String", "StringList", "SecureString"] as const)("keeps a %s", async (Type) => {
    const made = await ssm.send(new PutParameterCommand({ Name: "/prod/db", Value: "a,b", Type }));
    expect(made).toMatchObject({ Version: 1, Tier: "Standard" });
    const parameter = await get("/prod/db");
    expect(parameter).toEqual({
      Name: "/prod/db",
      Type,
      Value: "a,b",
      Version: 1,
      ARN: `${place}/prod/db`,
      DataType: "text",
      LastModifiedDate: expect.any(Date),
    });
    expect(Math.abs((parameter?.LastModifiedDate?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  test("gives back any text", async () => {
    const Type = fc.constantFrom("String" as const, "SecureString" as const);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), Type, async (Value, type) => {
        await ssm.send(new PutParameterCommand({ Name: `/${type}`, Value, Type: type, Overwrite: true }));
        expect((await get(`/${type}`))?.Value).toBe(Value);
      }),
      { numRuns: 40 },
    );
  });

  test("makes the next version where it may overwrite, else refuses; the type stays", async () => {
    const put = { Name: "/a", Value: "1", Type: "SecureString" as const };
    await ssm.send(new PutParameterCommand(put));
    expect(await refusal(ssm.send(new PutParameterCommand(put)))).toEqual(
      refused(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      ),
    );
    const again = await ssm.send(new PutParameterCommand({ Name: "/a", Value: "2", Overwrite: true }));
    expect(again.Version).toBe(2);
    expect(await get("/a")).toMatchObject({ Value: "2", Version: 2, Type: "SecureString" });
    const other = new PutParameterCommand({ Name: "/a", Value: "3", Type: "String", Overwrite: true });
    expect(await refusal(ssm.send(other))).toMatchObject({ name: "HierarchyTypeMismatchException" });
  });

  test("keeps 4 KB in the standard tier, 8 KB in the advanced, and does not go back", async () => {
    const put = (Name: string, size: number, more: object = {}): Promise<{ Tier?: string | undefined }> =>
      ssm.send(
        new PutParameterCommand({ Name, Value: "x".repeat(size), Type: "SecureString", Overwrite: true, ...more }),
      );
    expect(await put("/a", 4096)).toMatchObject({ Tier: "Standard" });
    const large = await refusal(put("/a", 4097));
    expect(large).toMatchObject({ name: "ValidationException" });
    expect(large.message).toMatch(/^Standard tier parameters support a maximum parameter value of 4096 characters/);
    expect(await put("/a", 8192, { Tier: "Advanced" })).toMatchObject({ Tier: "Advanced" });
    expect((await get("/a"))?.Value).toHaveLength(8192);
    expect(await refusal(put("/a", 8193))).toMatchObject({ name: "ValidationException" });
    expect(await put("/a", 1)).toMatchObject({ Tier: "Advanced" });
    expect(await refusal(put("/a", 1, { Tier: "Standard" }))).toMatchObject({ name: "ValidationException" });
    expect(await put("/b", 4097, { Tier: "Intelligent-Tiering" })).toMatchObject({ Tier: "Advanced" });
    expect(await put("/c", 4096, { Tier: "Intelligent-Tiering" })).toMatchObject({ Tier: "Standard" });
    expect(await refusal(put("/d", 2049 * 2, {}))).toMatchObject({ name: "ValidationException" });
  });

  test("keeps 100 versions: the oldest goes, unless it has a label", async () => {
    for (let n = 0; n < 101; n += 1) aws.putParameter({ name: "/a", value: `${n}`, type: "String" });
    expect(await refusal(get("/a:1"))).toMatchObject({ name: "ParameterVersionNotFound" });
    expect((await get("/a:2"))?.Value).toBe("1");
    await ssm.send(new LabelParameterVersionCommand({ Name: "/a", ParameterVersion: 2, Labels: ["kept"] }));
    const put = new PutParameterCommand({ Name: "/a", Value: "x", Overwrite: true });
    expect(await refusal(ssm.send(put))).toMatchObject({ name: "ParameterMaxVersionLimitExceeded" });
  });

  test.each<[string, string]>([
    ["a b", "ValidationException"],
    ["/a:1", "ValidationException"],
    ["/a//b", "ValidationException"],
    ["/a/", "ValidationException"],
    ["é", "ValidationException"],
    ["a/b", "ValidationException"],
    ["awsome", "ValidationException"],
    ["/SSM/a", "ValidationException"],
    ["/aws/a", "AccessDeniedException"],
    [`${"/a".repeat(16)}`, "HierarchyLevelLimitExceededException"],
  ])("refuses the name %s", async (Name, name) => {
    const call = ssm.send(new PutParameterCommand({ Name, Value: "x", Type: "String" }));
    expect(await refusal(call)).toMatchObject({ name, status: 400 });
  });

  test.each<[string, object, string]>([
    ["no type", { Type: undefined }, "ValidationException"],
    ["a type that is none", { Type: "Text" }, "ValidationException"],
    ["a key for a String", { KeyId: "alias/app" }, "ValidationException"],
    ["a key that is none", { Type: "SecureString", KeyId: "alias/nope" }, "InvalidKeyId"],
    ["tags and overwrite", { Overwrite: true, Tags: [{ Key: "a", Value: "b" }] }, "ValidationException"],
    ["a pattern that it does not match", { AllowedPattern: "\\d+" }, "ParameterPatternMismatchException"],
    ["a pattern that is none", { AllowedPattern: "(" }, "InvalidAllowedPatternException"],
    ["no value", { Value: "" }, "ValidationException"],
  ])("refuses %s, and does not quote the value", async (_what, input, name) => {
    const put = new PutParameterCommand({ Name: "/a", Value: "hunter2", Type: "String", ...input });
    const refused = await refusal(ssm.send(put));
    expect(refused).toMatchObject({ name, status: 400 });
    expect(refused.message).not.toContain("hunter2");
    expect(await refusal(get("/a"))).toMatchObject({ name: "ParameterNotFound" });
  });
});

describe("GetParameter", () => {
  beforeEach(async () => {
    for (const value of ["one", "two", "three"]) aws.putParameter({ name: "/a", value });
    await ssm.send(new LabelParameterVersionCommand({ Name: "/a", ParameterVersion: 2, Labels: ["prod"] }));
  });

  test("by name, version, label and ARN: always answered by name, with the selector beside it", async () => {
    expect(await get("/a")).toMatchObject({ Name: "/a", Value: "three", Version: 3 });
    expect((await get("/a"))?.Selector).toBeUndefined();
    expect(await get("/a:1")).toMatchObject({ Name: "/a", Value: "one", Version: 1, Selector: ":1" });
    expect(await get("/a:prod")).toMatchObject({ Name: "/a", Value: "two", Version: 2, Selector: ":prod" });
    expect(await get(`${place}/a`)).toMatchObject({ Name: "/a", Value: "three" });
    expect(await get(`${place}/a:prod`)).toMatchObject({ Name: "/a", Value: "two", Selector: ":prod" });
  });

  test("a name without a slash has the same form of ARN", async () => {
    aws.putParameter({ name: "plain", value: "x" });
    expect(await get(`${place}/plain`)).toMatchObject({ Name: "plain", ARN: `${place}/plain` });
  });

  test("a SecureString that is not decrypted shows a ciphertext", async () => {
    const parameter = await get("/a", false);
    expect(parameter).toMatchObject({ Type: "SecureString", Version: 3 });
    expect(parameter?.Value).toMatch(/^AQICAH/);
    expect(Buffer.from(parameter?.Value ?? "", "base64").toString("latin1")).not.toContain("three");
    aws.putParameter({ name: "/plain", value: "text", type: "String" });
    expect((await get("/plain", false))?.Value).toBe("text");
  });

  test("what is not there", async () => {
    expect((await refusal(get("/nope"))).name).toBe("ParameterNotFound");
    expect(await refusal(get("/a:9"))).toEqual(
      refused(
        "ParameterVersionNotFound",
        "Systems Manager could not find version 9 of /a. Verify the version and try again.",
      ),
    );
    expect(await refusal(get("/a:dev"))).toMatchObject({ name: "ParameterVersionNotFound" });
    for (const arn of [`${place}/nope`, `${place.replace("us-east-1", "eu-west-3")}/a`]) {
      expect((await refusal(get(arn))).name).toBe("ParameterNotFound");
    }
    for (const wrong of ["a b", "/a:", "/a:b:c"]) {
      expect((await refusal(get(wrong))).name).toBe("ValidationException");
    }
  });

  test("in its region alone", async () => {
    aws.putParameter({ name: "/paris", value: "x", region: "eu-west-3" });
    expect((await refusal(get("/paris"))).name).toBe("ParameterNotFound");
    const paris = ssmClient(aws, { region: "eu-west-3" });
    const { Parameter } = await paris.send(new GetParameterCommand({ Name: "/paris", WithDecryption: true }));
    expect(Parameter).toMatchObject({ Value: "x", ARN: "arn:aws:ssm:eu-west-3:111122223333:parameter/paris" });
  });
});

describe("GetParameters", () => {
  const many = (...Names: string[]): Promise<GetParametersResult> =>
    ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));

  test("gives 10 by one call, not in the order asked, by name; what is not there apart", async () => {
    for (const value of ["one", "two", "three"]) aws.putParameter({ name: "/a", value });
    aws.putParameter({ name: "/b", value: "b", type: "String" });
    await ssm.send(new LabelParameterVersionCommand({ Name: "/a", ParameterVersion: 2, Labels: ["prod"] }));
    aws.clearLog();
    const { Parameters, InvalidParameters } = await many(
      "/a",
      "/nope",
      "/a:1",
      "/a:prod",
      "/a:9",
      `${place}/b`,
      "/a:dev",
      `${place}/nope2`,
    );
    expect(aws.calls).toHaveLength(1);
    expect(Parameters).toMatchObject([
      { Name: "/b", Value: "b" },
      { Name: "/a", Value: "two", Selector: ":prod" },
      { Name: "/a", Value: "one", Selector: ":1" },
      { Name: "/a", Value: "three" },
    ]);
    expect(InvalidParameters).toEqual(["/nope", "/a:9", "/a:dev", `${place}/nope2`]);
  });

  test("takes 1 to 10 names, none twice", async () => {
    const names = Array.from({ length: 11 }, (_, n) => `/p${n}`);
    expect((await many(...names.slice(1))).InvalidParameters).toHaveLength(10);
    for (const wrong of [names, [], ["/a", "/a"]]) {
      expect(await refusal(many(...wrong))).toMatchObject({ name: "ValidationException", status: 400 });
    }
  });

  test("one name that is denied denies them all", async () => {
    for (const name of ["/a", "/b", "/c"]) aws.putParameter({ name, value: "x" });
    aws.deny({ action: "ssm:GetParameters", resource: `${place}/b` });
    expect(await refusal(many("/a", "/b", "/c"))).toEqual(
      refused(
        "AccessDeniedException",
        `User: arn:aws:sts::111122223333:assumed-role/local/local is not authorized to perform: ssm:GetParameters on resource: ${place}/b because no identity-based policy allows the ssm:GetParameters action`,
      ),
    );
    expect((await many("/a", "/c")).Parameters).toHaveLength(2);
  });

  test("is another permission than GetParameter's", async () => {
    aws.putParameter({ name: "/a", value: "x" });
    aws.deny({ action: "ssm:GetParameter" });
    await many("/a");
    expect(await refusal(get("/a"))).toMatchObject({ name: "AccessDeniedException" });
  });
});
