import { afterAll, expect, test } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { credstashSealer } from "@serverless-secrets/provider-credstash/seal";
import { resolve, resolveAll } from "../src/index.ts";

const aws = await startLocalAws({ region: "us-west-1" });
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

const keys = { name: "HASH", version: "RANGE" };
const input = {
  TableName: "credential-store",
  KeySchema: Object.entries(keys).map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
  AttributeDefinitions: Object.keys(keys).map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  BillingMode: "PAY_PER_REQUEST",
};
const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false };
await direct()({ service: "dynamodb", operation: "CreateTable", region: aws.region, input }, call);
aws.createKey({ alias: "alias/credstash" });
aws.createSecret({ name: "prod/db", value: "of secretsmanager" });

test("what credstash put is read beside the other stores, at once, and once", async () => {
  const pinned = await seal(credstashSealer(), "credstash::prod/token", "first");
  await seal(credstashSealer(), "credstash::prod/token", '{"key":"second"}');
  aws.clearLog();
  const secrets = { db: "secretsmanager::prod/db", pinned, highest: "credstash::prod/token#/key" };
  for (let times = 0; times < 2; times += 1) {
    const { db, pinned: first, highest } = await resolveAll(secrets);
    expect([db, first, highest]).toEqual(["of secretsmanager", "first", "second"]);
  }
  const operations = aws.calls.map(({ operation }) => operation);
  expect(operations.slice(0, 3).sort()).toEqual(["GetItem", "GetSecretValue", "Query"]);
  expect(operations.slice(3)).toEqual(["Decrypt", "Decrypt"]);
});

test("a missing table is told with what lacks", async () => {
  await expect(resolve("credstash::db?table=no-such-table")).rejects.toMatchObject({
    code: "ERR_SECRET_NOT_FOUND",
    message: expect.stringMatching(/credstash::db.*dynamodb:Query on table\/no-such-table.*table does not exist/),
  });
});
