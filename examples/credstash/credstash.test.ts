import { afterAll, expect, test } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { startLocalAws } from "@serverless-secrets/local";
import { put } from "./put.ts";
import { handler } from "./read.ts";

const aws = await startLocalAws({ region: "us-west-2" });
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

// What `credstash setup` makes, and the key that it takes by default.
aws.createKey({ alias: "alias/credstash", region: "us-east-1" });
for (const [TableName, region] of [
  ["credential-store", "us-west-2"],
  ["shop-store", "us-east-1"],
] as const) {
  const names = ["name", "version"];
  const KeySchema = names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" }));
  const AttributeDefinitions = names.map((AttributeName) => ({ AttributeName, AttributeType: "S" }));
  const input = { TableName, KeySchema, AttributeDefinitions, BillingMode: "PAY_PER_REQUEST" };
  const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false };
  await direct()({ service: "dynamodb", operation: "CreateTable", region, input }, call);
}

test("what is put is read, by version and as the highest", async () => {
  await put("credstash::prod/database?context.env=prod", '{"password":"correct horse"}');
  const tokens = ["first", "second", "battery staple", "fourth"];
  const sealed: string[] = [];
  for (const token of tokens) sealed.push(await put("credstash::prod/token?table=shop-store&region=us-east-1", token));
  expect(sealed[2]).toBe("credstash::prod/token::3?table=shop-store&region=us-east-1");
  expect(await handler()).toEqual({ databaseCharacters: 13, tokenCharacters: 14 });
});
