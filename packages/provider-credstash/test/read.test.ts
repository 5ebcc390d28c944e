import { beforeEach, describe, expect, test } from "@jest/globals";
import { createResolver, parseReference } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { credstash } from "../src/index.ts";
import { credstashSealer } from "../src/seal.ts";
import { memoryTable, type Table } from "./table.ts";

const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const end = `?region=us-east-1&table=prod&key=${keyArn}&context.stage=prod`;

let table: Table;
let wrappedKey: string | undefined;
beforeEach(async () => {
  table = memoryTable();
  await seal(credstashSealer({ clients: table.clients }), `credstash::db${end}`, "correct horse");
  await seal(credstashSealer({ clients: table.clients }), "credstash::plain?region=us-east-1", "battery staple");
  wrappedKey = table.items[0]?.["key"]?.["S"];
  table.requests.length = 0;
});

const read = (reference: string) =>
  createResolver({ providers: [credstash({ clients: table.clients })] }).resolve(reference);

describe("what is asked for, as the original asks", () => {
  const inTable = { service: "dynamodb", region: "us-east-1", resource: "table/prod" };

  test("the highest version, consistently", async () => {
    expect(await read(`credstash::db${end}`)).toBe("correct horse");
    expect(table.requests[0]).toEqual({
      ...inTable,
      operation: "Query",
      input: {
        TableName: "prod",
        KeyConditionExpression: "#name = :name",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":name": { S: "db" } },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      },
    });
  });

  test("a pinned version, not so", async () => {
    expect(await read(`credstash::db::1${end}`)).toBe("correct horse");
    const Key = { name: { S: "db" }, version: { S: "0000000000000000001" } };
    expect(table.requests[0]).toEqual({ ...inTable, operation: "GetItem", input: { TableName: "prod", Key } });
  });

  test("the data key, of the key and under the context that the reference names", async () => {
    await read(`credstash::db${end}`);
    expect(table.requests[1]).toEqual({
      service: "kms",
      operation: "Decrypt",
      region: "eu-west-1",
      resource: keyArn,
      input: { KeyId: keyArn, CiphertextBlob: wrappedKey, EncryptionContext: { stage: "prod" } },
    });
  });

  test("without these, of whichever key it is", async () => {
    await read("credstash::plain?region=us-east-1");
    const CiphertextBlob = table.items[1]?.["key"]?.["S"];
    const where = { service: "kms", operation: "Decrypt", region: "us-east-1" };
    expect(table.requests[1]).toEqual({ ...where, input: { CiphertextBlob } });
  });
});

describe("what KMS may not answer", () => {
  const answering = (answer: object) => {
    table.intercept = ({ operation }) => (operation === "Decrypt" ? Promise.resolve({ ...answer }) : undefined);
  };

  test("by another key than the reference names", async () => {
    answering({ Plaintext: Buffer.alloc(64).toString("base64"), KeyId: keyArn.replace("1234abcd", "deadbeef") });
    await expect(read(`credstash::db${end}`)).rejects.toMatchObject({
      code: "ERR_SECRET_INTEGRITY",
      message: expect.stringContaining("?key="),
    });
  });

  test("without a plaintext", async () => {
    answering({ KeyId: keyArn });
    await expect(read(`credstash::db${end}`)).rejects.toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
  });
});

test("the value lies in memory of its own, not in the pool that small buffers share", async () => {
  const provider = credstash({ clients: table.clients });
  const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false };
  const value = await provider.fetch(provider.parse(parseReference(`credstash::db${end}`)), call);
  expect((value as Uint8Array).buffer.byteLength).toBe("correct horse".length);
});

test("what is not there is told with the table, the region and the way to look", async () => {
  for (const [reference, what] of [
    ["credstash::none?region=us-east-1&table=prod", "no such name"],
    ["credstash::db::7?region=us-east-1&table=prod", "no version 7 of that name"],
  ] as const) {
    await expect(read(reference)).rejects.toMatchObject({
      code: "ERR_SECRET_NOT_FOUND",
      message: expect.stringMatching(new RegExp(`table prod in us-east-1 holds ${what}\\..*credstash list`)),
    });
  }
});
