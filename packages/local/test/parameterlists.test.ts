import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  UnlabelParameterVersionCommand,
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

const label = (Labels: string[], ParameterVersion?: number) =>
  ssm.send(new LabelParameterVersionCommand({ Name: "/a", Labels, ParameterVersion }));
const labels = async (): Promise<Record<string, string[]>> => {
  const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name: "/a" }));
  return Object.fromEntries(Parameters.map(({ Version, Labels }) => [String(Version), Labels ?? []]));
};

describe("labels", () => {
  test("are put on the latest version, or on one that is named, and move", async () => {
    for (const value of ["1", "2"]) aws.putParameter({ name: "/a", value });
    expect(await label(["prod", "blue"])).toMatchObject({ InvalidLabels: [], ParameterVersion: 2 });
    expect(await labels()).toEqual({ 1: [], 2: ["prod", "blue"] });
    await label(["prod"], 1);
    expect(await labels()).toEqual({ 1: ["prod"], 2: ["blue"] });
    const unlabel = { Name: "/a", ParameterVersion: 1, Labels: ["prod", "blue"] };
    expect(await ssm.send(new UnlabelParameterVersionCommand(unlabel))).toMatchObject({
      RemovedLabels: ["prod"],
      InvalidLabels: ["blue"],
    });
    expect(await labels()).toEqual({ 1: [], 2: ["blue"] });
    expect(await refusal(label(["x"], 3))).toMatchObject({ name: "ParameterVersionNotFound" });
  });

  test("that AWS does not allow are told, the others put", async () => {
    aws.putParameter({ name: "/a", value: "1" });
    const wrong = ["1st", "3", "aws", "AWSx", "ssm.x", "a b", "é"];
    expect((await label([...wrong, "prod"])).InvalidLabels).toEqual(wrong);
    expect(await labels()).toEqual({ 1: ["prod"] });
  });

  test("are at most ten on a version", async () => {
    for (const value of ["1", "2"]) aws.putParameter({ name: "/a", value });
    await label(Array.from({ length: 10 }, (_, n) => `l${n}`));
    expect(await refusal(label(["more"]))).toMatchObject({ name: "ParameterVersionLabelLimitExceeded", status: 400 });
    await label(["l0"]);
    await label(["more"], 1);
    expect(await refusal(label(Array.from({ length: 11 }, (_, n) => `x${n}`)))).toMatchObject({
      name: "ValidationException",
    });
  });

  test("whatever is put, a label is on one version, where it was put last", async () => {
    for (const value of ["1", "2", "3"]) aws.putParameter({ name: "/a", value });
    const steps = fc.array(fc.tuple(fc.constantFrom("red", "blue", "green"), fc.integer({ min: 1, max: 3 })));
    const where = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        for (const [name, version] of all) {
          await label([name], version);
          where.set(name, version);
        }
        const found = Object.entries(await labels()).flatMap(([version, names]) =>
          names.map((name) => [name, Number(version)] as const),
        );
        expect(found).toHaveLength(where.size);
        expect(new Map(found)).toEqual(where);
      }),
      { numRuns: 20 },
    );
  });
});

describe("GetParametersByPath", () => {
  const byPath = async (Path: string, more: object = {}): Promise<(string | undefined)[]> => {
    const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path, ...more }));
    return Parameters.map(({ Name }) => Name);
  };

  test("gives what is right below, or all below", async () => {
    for (const name of ["/prod/b", "/prod/a", "/prod/x/c", "/production", "plain", "/prod/x/y/d"]) {
      aws.putParameter({ name, value: "x" });
    }
    expect(await byPath("/prod")).toEqual(["/prod/a", "/prod/b"]);
    expect(await byPath("/prod/")).toEqual(["/prod/a", "/prod/b"]);
    expect(await byPath("/prod", { Recursive: true })).toEqual(["/prod/a", "/prod/b", "/prod/x/c", "/prod/x/y/d"]);
    expect(await byPath("/")).toEqual(["/production"]);
    expect(await byPath("/", { Recursive: true })).toHaveLength(5);
    expect(await byPath("/nope")).toEqual([]);
  });

  test("ten at once, decrypted if asked, and perhaps an empty page", async () => {
    for (let n = 0; n < 23; n += 1) aws.putParameter({ name: `/p/${n}`, value: `value ${n}` });
    aws.fail({ kind: "emptyPage", operation: "GetParametersByPath", times: 1 });
    const pages: number[] = [];
    const values: (string | undefined)[] = [];
    for await (const { Parameters = [] } of paginateGetParametersByPath(
      { client: ssm },
      { Path: "/p", WithDecryption: true },
    )) {
      pages.push(Parameters.length);
      values.push(...Parameters.map(({ Value }) => Value));
    }
    expect(pages).toEqual([0, 10, 10, 3]);
    expect(values.sort()).toEqual(Array.from({ length: 23 }, (_, n) => `value ${n}`).sort());
  });

  test.each<[string, object, string]>([
    ["prod", {}, "ValidationException"],
    ["/a b", {}, "ValidationException"],
    ["/a", { MaxResults: 11 }, "ValidationException"],
    ["/a", { NextToken: "%" }, "InvalidNextToken"],
    ["/a", { ParameterFilters: [{ Key: "Type", Values: ["String"] }] }, "UnsupportedOperationException"],
  ])("refuses %s %j", async (path, more, name) => {
    expect(await refusal(byPath(path, more))).toMatchObject({ name, status: 400 });
  });

  test("asks for permission on the path alone: what is below may be denied by name", async () => {
    aws.putParameter({ name: "/p/a", value: "x" });
    aws.deny({ action: "ssm:GetParameter*", resource: "*/p/a" });
    expect(await byPath("/p")).toEqual(["/p/a"]);
    expect(aws.checks.at(0)).toMatchObject({
      action: "ssm:GetParametersByPath",
      resource: "arn:aws:ssm:us-east-1:111122223333:parameter/p",
      context: { "ssm:Recursive": "false" },
    });
  });
});

describe("GetParameterHistory", () => {
  test("tells every version, in pages, decrypted if asked", async () => {
    for (const value of ["one", "two", "three"]) aws.putParameter({ name: "/a", value });
    const first = await ssm.send(new GetParameterHistoryCommand({ Name: "/a", MaxResults: 2, WithDecryption: true }));
    expect(first.Parameters).toMatchObject([
      { Version: 1, Value: "one", KeyId: "alias/aws/ssm", Tier: "Standard", Type: "SecureString", Labels: [] },
      { Version: 2, Value: "two" },
    ]);
    const { NextToken } = first;
    const second = await ssm.send(new GetParameterHistoryCommand({ Name: "/a", NextToken }));
    expect(second.Parameters?.map(({ Version }) => Version)).toEqual([3]);
    expect(second.Parameters?.[0]?.Value).not.toBe("three");
    const missing = ssm.send(new GetParameterHistoryCommand({ Name: "/nope" }));
    expect(await refusal(missing)).toMatchObject({ name: "ParameterNotFound" });
  });
});

describe("DescribeParameters", () => {
  test("tells all but the values, in pages", async () => {
    const { arn: keyId } = aws.createKey();
    aws.putParameter({ name: "/b", value: "hunter2", keyId });
    await ssm.send(new PutParameterCommand({ Name: "/a", Value: "x", Type: "String", Description: "the a" }));
    const all = await ssm.send(new DescribeParametersCommand({}));
    expect(all.Parameters).toMatchObject([
      { Name: "/a", Type: "String", Description: "the a", Version: 1 },
      { Name: "/b", Type: "SecureString", KeyId: keyId, ARN: expect.stringMatching(/:parameter\/b$/) },
    ]);
    expect(JSON.stringify(all)).not.toContain("hunter2");
    const first = await ssm.send(new DescribeParametersCommand({ MaxResults: 1 }));
    const second = await ssm.send(new DescribeParametersCommand({ NextToken: first.NextToken }));
    expect([first, second].map(({ Parameters }) => Parameters?.map(({ Name }) => Name))).toEqual([["/a"], ["/b"]]);
  });
});

describe("deleting", () => {
  test("one, or up to ten", async () => {
    for (const name of ["/a", "/b", "/c"]) aws.putParameter({ name, value: "x" });
    await ssm.send(new DeleteParameterCommand({ Name: "/a" }));
    const again = ssm.send(new DeleteParameterCommand({ Name: "/a" }));
    expect(await refusal(again)).toMatchObject({ name: "ParameterNotFound" });
    expect(await ssm.send(new DeleteParametersCommand({ Names: ["/a", "/b"] }))).toMatchObject({
      DeletedParameters: ["/b"],
      InvalidParameters: ["/a"],
    });
    expect((await ssm.send(new DescribeParametersCommand({}))).Parameters).toMatchObject([{ Name: "/c" }]);
  });

  test("a parameter put again begins with version 1", async () => {
    aws.putParameter({ name: "/a", value: "x" });
    aws.putParameter({ name: "/a", value: "y" });
    await ssm.send(new DeleteParameterCommand({ Name: "/a" }));
    expect(aws.putParameter({ name: "/a", value: "z" })).toEqual({ version: 1 });
  });
});
