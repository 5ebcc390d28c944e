import { describe, expect, test } from "@jest/globals";
import { createResolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { credstash } from "../src/index.ts";
import { credstashSealer } from "../src/seal.ts";
import { memoryTable, refusal, type Table } from "./table.ts";

const reference = "credstash::db?region=us-east-1";
const put = (table: Table, value = "correct horse") =>
  seal(credstashSealer({ clients: table.clients }), reference, value);
const versions = ({ items }: Table) => items.map((item) => Number(item["version"]?.["S"]));
const operations = ({ requests }: Table) => requests.map(({ operation }) => operation);

/** Makes the first PutItem go wrong, after or before it was done. */
function failPut(table: Table, when: "before" | "after", error: Error): void {
  let first = true;
  table.intercept = ({ operation, input }) => {
    if (operation !== "PutItem" || !first) return undefined;
    first = false;
    if (when === "after") table.items.push((input as { Item: Table["items"][number] }).Item);
    return Promise.reject(error);
  };
}

describe("a put whose answer does not tell whether it was done", () => {
  const lost = refusal("ERR_SECRET_UNAVAILABLE", "ECONNRESET");
  const repeated = refusal("ERR_SECRET_PROVIDER", "ConditionalCheckFailedException");

  test.each([
    ["it was done, and its answer lost", "after", lost, 1],
    ["it was not done", "before", lost, 2],
    ["it was done, repeated by the SDK, and failed falsely", "after", repeated, 1],
  ] as const)("%s: one version, read back", async (_, when, error, puts) => {
    const table = memoryTable();
    failPut(table, when, error);
    expect(await put(table)).toBe("credstash::db::1?region=us-east-1");
    expect(versions(table)).toEqual([1]);
    expect(operations(table).filter((operation) => operation === "PutItem")).toHaveLength(puts);
    const readBack = table.requests.find(({ operation }) => operation === "GetItem");
    expect(readBack?.input).toMatchObject({ ConsistentRead: true });
    const read = createResolver({ providers: [credstash({ clients: table.clients })] });
    expect(await read.resolve(reference)).toBe("correct horse");
  });

  test("where nothing can be read back, the first failure is told", async () => {
    const table = memoryTable();
    table.intercept = ({ operation }) => {
      if (operation === "PutItem") return Promise.reject(lost);
      return operation === "GetItem" ? Promise.reject(refusal("ERR_SECRET_ACCESS_DENIED", "AccessDenied")) : undefined;
    };
    await expect(put(table)).rejects.toBe(lost);
  });

  test("a refusal is told at once", async () => {
    const table = memoryTable();
    const denied = refusal("ERR_SECRET_ACCESS_DENIED", "AccessDeniedException");
    failPut(table, "before", denied);
    await expect(put(table)).rejects.toBe(denied);
    expect(operations(table)).toEqual(["GenerateDataKey", "Query", "PutItem"]);
  });
});

test("another who was first keeps his version, and the data key is made once", async () => {
  const table = memoryTable();
  let rivals = 0;
  table.intercept = ({ operation, input }) => {
    if (operation !== "PutItem" || rivals === 3) return undefined;
    rivals += 1;
    const { Item } = input as { Item: Table["items"][number] };
    table.items.push({ ...Item, key: { S: `rival ${rivals}` } });
    return undefined; // so the condition fails
  };
  expect(await put(table)).toBe("credstash::db::4?region=us-east-1");
  expect(table.items.map((item) => item["key"]?.["S"]).slice(0, 3)).toEqual(["rival 1", "rival 2", "rival 3"]);
  expect(operations(table).filter((operation) => operation === "GenerateDataKey")).toHaveLength(1);
});

test("others who are always first end it", async () => {
  const table = memoryTable();
  table.intercept = ({ operation, input }) => {
    if (operation !== "PutItem") return undefined;
    const { Item } = input as { Item: Table["items"][number] };
    table.items.push({ ...Item, key: { S: "rival" } });
    return undefined;
  };
  await expect(put(table)).rejects.toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
  expect(versions(table)).toHaveLength(20);
});

test.each([
  ["a highest version that is no number", "0000000000000000foo", /no number/],
  ["the last of 19 digits", "9999999999999999999", /19 digits/],
])("%s has no next", async (_, version, message) => {
  const table = memoryTable([{ name: { S: "db" }, version: { S: version } }]);
  await expect(put(table)).rejects.toMatchObject({ code: "ERR_SECRET_VALUE", message: expect.stringMatching(message) });
});

test.each([
  ["a version", "credstash::db::1", "x", "ERR_SECRET_REFERENCE", /without a version/],
  ["another scheme", "ssm::/db", "x", "ERR_SECRET_REFERENCE", /credstash::<name>/],
  ["what DynamoDB does not keep", reference, "x".repeat(310_000), "ERR_SECRET_VALUE", /409600/],
])("%s cannot be sealed", async (_, unsealed, value, code, message) => {
  const { clients } = memoryTable();
  await expect(seal(credstashSealer({ clients }), unsealed, value)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test("300,000 bytes can", async () => {
  const table = memoryTable();
  const value = "x".repeat(300_000);
  await put(table, value);
  const read = createResolver({ providers: [credstash({ clients: table.clients })] });
  expect(await read.resolve(reference)).toBe(value);
});

test("a data key of another length, or none, is refused", async () => {
  for (const [answer, code] of [
    [{ Plaintext: "AAAA", CiphertextBlob: "AAAA" }, "ERR_SECRET_INTEGRITY"],
    [{}, "ERR_SECRET_UNAVAILABLE"],
  ] as const) {
    const table = memoryTable();
    table.intercept = ({ operation }) => (operation === "GenerateDataKey" ? Promise.resolve(answer) : undefined);
    await expect(put(table)).rejects.toMatchObject({ code });
    expect(table.items).toEqual([]);
  }
});
