import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CreateTableCommandInput,
  DynamoDB,
  type DynamoDBClientConfig,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { refusal } from "./client.ts";

const TableName = "credential-store";
const table: CreateTableCommandInput = {
  TableName,
  KeySchema: [
    { AttributeName: "name", KeyType: "HASH" },
    { AttributeName: "version", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "name", AttributeType: "S" },
    { AttributeName: "version", AttributeType: "S" },
  ],
  BillingMode: "PAY_PER_REQUEST",
};
const arn = "arn:aws:dynamodb:us-east-1:111122223333:table/credential-store";

function dynamo({ endpoint, region, credentials }: LocalAws, config: DynamoDBClientConfig = {}): DynamoDB {
  return new DynamoDB({ endpoint, region, credentials: { ...credentials }, maxAttempts: 1, ...config });
}

const key = (name: string, version: number | string) => ({
  name: { S: name },
  version: { S: String(version).padStart(19, "0") },
});

const item = (name: string, version: number | string) => ({
  ...key(name, version),
  contents: { S: `secret of ${name}` },
  hmac: { B: Uint8Array.of(1, 2, 3) },
});

const byName = (name: string) => ({
  TableName,
  KeyConditionExpression: "#name = :name",
  ExpressionAttributeNames: { "#name": "name" },
  ExpressionAttributeValues: { ":name": { S: name } },
});

describe("DynamoDB", () => {
  let aws: LocalAws;
  let client: DynamoDB;
  beforeEach(async () => {
    aws = await startLocalAws();
    client = dynamo(aws);
    await client.createTable(table);
    for (const version of [1, 2, 10]) await client.putItem({ TableName, Item: item("db", version) });
    aws.clearLog();
  });
  afterEach(() => aws.stop());

  test("a table is there at once, with the ARN of the account and the region", async () => {
    await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName });
    const { Table } = await client.describeTable({ TableName });
    expect(Table).toMatchObject({ TableArn: arn, TableStatus: "ACTIVE" });
    expect((await client.listTables({})).TableNames).toEqual([TableName]);
    const elsewhere = dynamo(aws, { region: "eu-west-1" });
    expect((await elsewhere.listTables({})).TableNames).toEqual([]);
  });

  test("what was put comes back, bytes as bytes", async () => {
    expect((await client.getItem({ TableName, Key: key("db", 2) })).Item).toEqual(item("db", 2));
    expect((await client.getItem({ TableName, Key: key("db", 3) })).Item).toBeUndefined();
  });

  test("the highest version is a Query from the end", async () => {
    const { Items } = await client.query({ ...byName("db"), ScanIndexForward: false, Limit: 1, ConsistentRead: true });
    expect(Items?.map(({ version }) => version?.S)).toEqual([key("db", 10).version.S]);
    expect((await client.query(byName("other"))).Items).toEqual([]);
  });

  test("many are one BatchGetItem, of which none may stand twice", async () => {
    const Keys = [key("db", 1), key("db", 10), key("db", 11)];
    const { Responses, UnprocessedKeys } = await client.batchGetItem({ RequestItems: { [TableName]: { Keys } } });
    // In no order that is promised.
    const answered = Responses?.[TableName]?.map(({ version }) => Number(version?.S));
    expect(answered?.sort((a, b) => a - b)).toEqual([1, 10]);
    expect(UnprocessedKeys).toEqual({});
    const twice = client.batchGetItem({ RequestItems: { [TableName]: { Keys: [key("db", 1), key("db", 1)] } } });
    expect(await refusal(twice)).toMatchObject({ name: "ValidationException", status: 400 });
    const many = Array.from({ length: 101 }, (_, i) => key("db", i));
    expect(await refusal(client.batchGetItem({ RequestItems: { [TableName]: { Keys: many } } }))).toMatchObject({
      name: "ValidationException",
    });
  });

  test("a conditional put overwrites nothing", async () => {
    const condition = {
      ConditionExpression: "attribute_not_exists(#name)",
      ExpressionAttributeNames: { "#name": "name" },
    };
    const put = (version: number) => client.putItem({ TableName, Item: item("db", version), ...condition });
    expect(await refusal(put(10))).toMatchObject({ name: "ConditionalCheckFailedException", status: 400 });
    await put(11);
    const race = await Promise.allSettled(Array.from({ length: 8 }, () => put(12)));
    expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("items are changed and deleted, and tables", async () => {
    await client.updateItem({
      TableName,
      Key: key("db", 1),
      UpdateExpression: "SET contents = :c",
      ExpressionAttributeValues: { ":c": { S: "other" } },
    });
    expect((await client.getItem({ TableName, Key: key("db", 1) })).Item?.["contents"]).toEqual({ S: "other" });
    await client.deleteItem({ TableName, Key: key("db", 1) });
    expect((await client.scan({ TableName })).Count).toBe(2);
    await client.deleteTable({ TableName });
    const gone = client.getItem({ TableName, Key: key("db", 2) });
    expect(await refusal(gone)).toMatchObject({ name: "ResourceNotFoundException", status: 400 });
  });

  describe("what IAM would be asked", () => {
    test.each([
      ["GetItem", () => client.getItem({ TableName, Key: key("db", 1) }), ["db"], ["name", "version"]],
      ["Query", () => client.query(byName("db")), ["db"], ["name"]],
      [
        "BatchGetItem",
        () => client.batchGetItem({ RequestItems: { [TableName]: { Keys: [key("a", 1), key("b", 1), key("b", 2)] } } }),
        ["a", "b"],
        ["name", "version"],
      ],
      [
        "PutItem",
        () => client.putItem({ TableName, Item: item("db", 1) }),
        ["db"],
        ["name", "version", "contents", "hmac"],
      ],
    ])("%s: the leading keys and the attributes", async (operation, call, names, attributes) => {
      await call();
      expect(aws.checks).toEqual([
        {
          action: `dynamodb:${operation}`,
          resource: arn,
          context: { "dynamodb:LeadingKeys": names, "dynamodb:Attributes": attributes },
          allowed: true,
          requestId: aws.calls[0]?.requestId,
        },
      ]);
    });

    test("a projection and its options", async () => {
      const projected = { ProjectionExpression: "version, contents", Select: "SPECIFIC_ATTRIBUTES" } as const;
      await client.query({ ...byName("db"), ...projected, ReturnConsumedCapacity: "TOTAL" });
      expect(aws.checks[0]?.context).toEqual({
        "dynamodb:LeadingKeys": ["db"],
        "dynamodb:Attributes": ["name", "version", "contents"],
        "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
        "dynamodb:ReturnConsumedCapacity": "TOTAL",
      });
    });

    test("a Scan has no leading keys, and a list of tables no resource", async () => {
      await client.scan({ TableName });
      await client.listTables({});
      expect(aws.checks.map(({ action, resource, context }) => [action, resource, context])).toEqual([
        ["dynamodb:Scan", arn, {}],
        ["dynamodb:ListTables", "*", {}],
      ]);
    });

    test("what is denied is not done", async () => {
      aws.deny({ action: "dynamodb:PutItem" });
      const { name, message } = await refusal(client.putItem({ TableName, Item: item("db", 99) }));
      expect([name, message]).toEqual([
        "AccessDeniedException",
        expect.stringContaining(`dynamodb:PutItem on resource: ${arn}`),
      ]);
      expect((await client.getItem({ TableName, Key: key("db", 99) })).Item).toBeUndefined();
    });
  });

  test("the log holds no item and no value", async () => {
    await client.putItem({ TableName, Item: item("db", 20) });
    await client.batchWriteItem({ RequestItems: { [TableName]: [{ PutRequest: { Item: item("db", 21) } }] } });
    expect(aws.calls.map(({ service, operation }) => [service, operation])).toEqual([
      ["dynamodb", "PutItem"],
      ["dynamodb", "BatchWriteItem"],
    ]);
    expect(JSON.stringify(aws.calls)).not.toContain("secret of");
  });

  test("credentials that are not the server's are refused", async () => {
    const signedForAnother = dynamo(aws, {
      signingRegion: "us-east-1",
      credentials: { accessKeyId: "LOCALX", secretAccessKey: "x" },
    });
    expect((await refusal(signedForAnother.listTables({}))).name).toBe("UnrecognizedClientException");
  });

  test("an operation that is not built is told so", async () => {
    expect((await refusal(client.listBackups({}))).name).toBe("UnknownOperationException");
  });
});

describe("DynamoDB in a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "local-dynamodb-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("tables and items outlive the server, of each region its own", async () => {
    const first = await startLocalAws({ folder });
    await dynamo(first).createTable(table);
    await Promise.all(["a", "b", "c"].map((name) => dynamo(first).putItem({ TableName, Item: item(name, 1) })));
    await dynamo(first, { region: "eu-west-1" }).createTable({ ...table, TableName: "elsewhere" });
    await first.stop();
    const second = await startLocalAws({ folder });
    try {
      const client = dynamo(second);
      expect((await client.describeTable({ TableName })).Table?.TableStatus).toBe("ACTIVE");
      expect((await client.getItem({ TableName, Key: key("b", 1) })).Item).toEqual(item("b", 1));
      expect((await client.scan({ TableName })).Count).toBe(3);
      expect((await dynamo(second, { region: "eu-west-1" }).listTables({})).TableNames).toEqual(["elsewhere"]);
    } finally {
      await second.stop();
    }
    expect(readFileSync(join(folder, "state.json"), "utf8")).toContain("dynamodb");
  });
});

test("who calls no DynamoDB does not wait for dynalite", () => {
  const index = new URL("../src/index.ts", import.meta.url).href;
  const script = `
    import { createRequire } from "node:module";
    import { startLocalAws } from ${JSON.stringify(index)};
    const aws = await startLocalAws();
    aws.createKey();
    await aws.stop();
    const loaded = Object.keys(createRequire(${JSON.stringify(index)}).cache);
    console.log(loaded.filter((path) => /dynalite|level/.test(path)).length);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["0\n", ""]);
});
