import {
  BatchGetSecretValueCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { refusal, secretsClient } from "./client.ts";

let aws: LocalAws;
let sm: ReturnType<typeof secretsClient>;
beforeEach(async () => {
  aws = await startLocalAws();
  sm = secretsClient(aws);
});
afterEach(async () => {
  sm.destroy();
  await aws.stop();
});

const batch = (...SecretIdList: string[]): Promise<unknown> =>
  sm.send(new BatchGetSecretValueCommand({ SecretIdList }));
const names = (length: number): string[] => Array.from({ length }, (_, n) => `s${n}`);

describe("BatchGetSecretValue", () => {
  test("gives 20 current values by one call, text and binary, not in the order asked", async () => {
    for (const name of names(19)) aws.createSecret({ name, value: `value of ${name}` });
    aws.createSecret({ name: "binary", value: Uint8Array.of(0, 255) });
    await sm.send(new PutSecretValueCommand({ SecretId: "s0", SecretString: "new" }));
    aws.clearLog();
    const asked = ["binary", ...names(19)];
    const {
      SecretValues = [],
      Errors,
      NextToken,
    } = await sm.send(new BatchGetSecretValueCommand({ SecretIdList: asked }));
    expect([aws.calls.length, Errors, NextToken]).toEqual([1, [], undefined]);
    expect(SecretValues.map(({ Name }) => Name)).toEqual([...asked].reverse());
    expect(SecretValues.find(({ Name }) => Name === "s0")).toMatchObject({
      SecretString: "new",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: expect.any(Date),
      ARN: expect.stringContaining(":secret:s0-"),
    });
    expect(SecretValues.at(-1)?.SecretBinary).toEqual(Uint8Array.of(0, 255));
  });

  test("tells what failed in Errors, each with its own code, at HTTP 200", async () => {
    const { arn } = aws.createSecret({ name: "there", value: "x" });
    aws.createSecret({ name: "deleted", value: "x" });
    await sm.send(new DeleteSecretCommand({ SecretId: "deleted" }));
    const { arn: denied } = aws.createSecret({ name: "denied", value: "x" });
    const { arn: kmsKeyId } = aws.createKey();
    aws.createSecret({ name: "locked", value: "x", kmsKeyId });
    aws.deny({ action: "secretsmanager:GetSecretValue", resource: denied });
    aws.deny({ action: "kms:Decrypt", resource: kmsKeyId });
    const command = new BatchGetSecretValueCommand({
      SecretIdList: [arn, "missing", "deleted", "denied", "locked", "a b"],
    });
    const { SecretValues, Errors = [] } = await sm.send(command);
    expect(SecretValues).toMatchObject([{ ARN: arn, Name: "there" }]);
    expect(Object.fromEntries(Errors.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]))).toEqual({
      missing: "ResourceNotFoundException",
      deleted: "InvalidRequestException",
      denied: "AccessDeniedException",
      locked: "AccessDeniedException",
      "a b": "ValidationException",
    });
    expect(Errors.find(({ SecretId }) => SecretId === "missing")?.Message).toBe(
      "Secrets Manager can't find the specified secret.",
    );
  });

  test("asks for the batch on *, and for each value on its secret", async () => {
    const arns = ["a", "b"].map((name) => aws.createSecret({ name, value: "x" }).arn);
    await batch("a", "b");
    expect(aws.checks.map(({ action, resource }) => [action, resource])).toEqual([
      ["secretsmanager:BatchGetSecretValue", "*"],
      ["secretsmanager:GetSecretValue", arns[0]],
      ["secretsmanager:GetSecretValue", arns[1]],
    ]);
  });

  test("denied as a batch, it is denied as a whole, before any value", async () => {
    aws.createSecret({ name: "a", value: "x" });
    aws.deny({ action: "secretsmanager:BatchGetSecretValue" });
    expect(await refusal(batch("a"))).toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("perform: secretsmanager:BatchGetSecretValue on resource: *"),
    });
    expect(aws.checks).toHaveLength(1);
  });

  test("takes 1 to 20 ids, and no filters", async () => {
    const twentyOne = await refusal(batch(...names(21)));
    expect(twentyOne).toMatchObject({ name: "ValidationException", status: 400 });
    expect(twentyOne.message).toMatch(
      /'secretIdList' failed to satisfy constraint: Member must have length less than or equal to 20$/,
    );
    expect(await refusal(batch())).toMatchObject({ name: "ValidationException" });
    const neither = sm.send(new BatchGetSecretValueCommand({}));
    expect(await refusal(neither)).toMatchObject({ name: "InvalidParameterException" });
    const filters = new BatchGetSecretValueCommand({ Filters: [{ Key: "name", Values: ["a"] }] });
    expect(await refusal(sm.send(filters))).toMatchObject({ name: "UnsupportedOperationException" });
  });

  /** All pages of a request, and how many secrets stood on each. */
  async function pages(input: object): Promise<readonly number[]> {
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const command = new BatchGetSecretValueCommand({ ...input, ...(NextToken && { NextToken }) });
      const page = await sm.send(command);
      sizes.push(page.SecretValues?.length ?? -1);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return sizes;
  }

  test("comes in pages", async () => {
    for (const name of names(5)) aws.createSecret({ name, value: "x" });
    expect(await pages({ SecretIdList: names(5), MaxResults: 2 })).toEqual([2, 2, 1]);
    const token = sm.send(new BatchGetSecretValueCommand({ SecretIdList: ["s0"], NextToken: "%" }));
    expect(await refusal(token)).toMatchObject({ name: "InvalidNextTokenException" });
  });

  test("may come with an empty page first, which is not the end", async () => {
    for (const name of names(3)) aws.createSecret({ name, value: "x" });
    aws.fail({ kind: "emptyPage", operation: "BatchGetSecretValue", times: 2 });
    expect(await pages({ SecretIdList: names(3) })).toEqual([0, 0, 3]);
    expect(aws.calls.map(({ fault }) => fault)).toEqual(["emptyPage", "emptyPage", undefined]);
  });

  test("can be throttled while single calls are not", async () => {
    aws.createSecret({ name: "a", value: "x" });
    aws.fail({ kind: "throttle", operation: "BatchGetSecretValue", times: 1 });
    expect(await refusal(batch("a"))).toMatchObject({ name: "ThrottlingException" });
    await batch("a");
  });
});
