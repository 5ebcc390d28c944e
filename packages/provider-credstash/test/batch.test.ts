import { describe, expect, test } from "@jest/globals";
import { type Call, parseReference, type SecretError } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { credstash } from "../src/index.ts";
import { credstashSealer } from "../src/seal.ts";
import { type Item, memoryTable, refusal } from "./table.ts";

const end = "?region=us-east-1";

/** A table of secrets, each with its name as its value. */
async function tableOf(...names: readonly string[]) {
  const table = memoryTable();
  const sealer = credstashSealer({ clients: table.clients });
  for (const name of names) await seal(sealer, `credstash::${name}${end}`, name);
  table.requests.length = 0;
  const provider = credstash({ clients: table.clients });
  const targets = names.map((name) => provider.parse(parseReference(`credstash::${name}::1${end}`)));
  const fetch = (call: Partial<Call> = {}) =>
    (provider.batch as NonNullable<typeof provider.batch>).fetch(targets, {
      signal: new AbortController().signal,
      deadlineMs: Date.now() + 5_000,
      background: false,
      ...call,
    });
  /** What came for each name: its value, or its error's code. */
  const shown = (answer: Awaited<ReturnType<typeof fetch>>) =>
    targets.map(({ id }) => {
      const one = answer.get(id);
      return one instanceof Uint8Array ? Buffer.from(one).toString() : ((one as SecretError | undefined)?.code ?? one);
    });
  return { table, provider, fetch, shown };
}

const keysOf = (input: object): readonly Item[] =>
  (input as { RequestItems: Record<string, { Keys: Item[] }> }).RequestItems["credential-store"]?.Keys ?? [];

/** Processes one key of those asked for, and leaves the rest. */
function processOne(table: Awaited<ReturnType<typeof tableOf>>["table"]): void {
  table.intercept = ({ operation, input }) => {
    if (operation !== "BatchGetItem") return undefined;
    const [first, ...rest] = keysOf(input);
    const items = table.items.filter((item) => item["name"]?.["S"] === first?.["name"]?.["S"]);
    const left = rest.length === 0 ? {} : { "credential-store": { Keys: rest } };
    return Promise.resolve({ Responses: { "credential-store": items }, UnprocessedKeys: left });
  };
}

describe("what DynamoDB leaves unprocessed", () => {
  test("is asked for again, and nothing else", async () => {
    const { table, fetch, shown } = await tableOf("a", "b", "c");
    processOne(table);
    expect(shown(await fetch())).toEqual(["a", "b", "c"]);
    const asked = table.requests.filter(({ operation }) => operation === "BatchGetItem");
    expect(asked.map(({ input }) => keysOf(input).map((key) => key["name"]?.["S"]))).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
      ["c"],
    ]);
  });

  test("until the deadline: the rest is unavailable, the others keep their values", async () => {
    const { table, fetch, shown } = await tableOf("a", "b", "c");
    table.intercept = ({ operation, input }) => {
      if (operation !== "BatchGetItem") return undefined;
      const keys = keysOf(input).filter((key) => key["name"]?.["S"] !== "a");
      const Responses = { "credential-store": keysOf(input).length === 3 ? table.items.slice(0, 1) : [] };
      return Promise.resolve({ Responses, UnprocessedKeys: { "credential-store": { Keys: keys } } });
    };
    const startMs = Date.now();
    const answer = await fetch({ deadlineMs: startMs + 300 });
    expect(shown(answer)).toEqual(["a", "ERR_SECRET_UNAVAILABLE", "ERR_SECRET_UNAVAILABLE"]);
    expect(Date.now() - startMs).toBeLessThan(600);
    expect(String([...answer.values()].at(1))).toMatch(/UnprocessedKeys.*read capacity/);
  });

  test("in the background three times", async () => {
    const { table, fetch, shown } = await tableOf("a", "b", "c", "d", "e", "f");
    processOne(table);
    expect(shown(await fetch({ background: true }))).toEqual([
      ..."abcd",
      "ERR_SECRET_UNAVAILABLE",
      "ERR_SECRET_UNAVAILABLE",
    ]);
  });

  test("no longer than until its signal", async () => {
    const { table, fetch, shown } = await tableOf("a", "b");
    const controller = new AbortController();
    processOne(table);
    const inner = table.intercept;
    table.intercept = (request) => {
      if (request.operation === "BatchGetItem") controller.abort();
      return inner(request);
    };
    expect(shown(await fetch({ signal: controller.signal }))).toEqual(["a", "ERR_SECRET_UNAVAILABLE"]);
  });

  test("where asking again is refused, the others keep their values", async () => {
    const { table, fetch, shown } = await tableOf("a", "b");
    processOne(table);
    const inner = table.intercept;
    let batches = 0;
    table.intercept = (request) => {
      if (request.operation !== "BatchGetItem") return undefined;
      batches += 1;
      if (batches > 1) throw refusal("ERR_SECRET_UNAVAILABLE", "ProvisionedThroughputExceededException");
      return inner(request);
    };
    expect(shown(await fetch())).toEqual(["a", "ERR_SECRET_UNAVAILABLE"]);
  });
});

test("one that fails alone leaves the others theirs, and so does one that is not there", async () => {
  const { table, fetch, shown } = await tableOf("sound", "damaged", "unwrapped by nobody", "gone");
  const [, damaged, foreign] = table.items as [Item, Item, Item, Item];
  table.items.splice(3);
  damaged["hmac"] = { S: "00" };
  foreign["key"] = { S: "AAAA" };
  expect(shown(await fetch())).toEqual([
    "sound",
    "ERR_SECRET_INTEGRITY",
    "ERR_SECRET_INTEGRITY",
    "ERR_SECRET_NOT_FOUND",
  ]);
});

test("the same item under two contexts is asked for once, and unwrapped under each", async () => {
  const { table, provider } = await tableOf("a");
  const targets = ["", "&context.stage=prod"].map((context) =>
    provider.parse(parseReference(`credstash::a::1${end}${context}`)),
  );
  const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false };
  const answer = await provider.batch?.fetch(targets, call);
  expect(targets.map(({ id }) => answer?.get(id) instanceof Uint8Array)).toEqual([true, false]);
  expect(table.requests.map(({ operation }) => operation)).toEqual(["BatchGetItem", "Decrypt", "Decrypt"]);
  expect(keysOf(table.requests[0]?.input ?? {})).toHaveLength(1);
});

test("no more than 16 Decrypts are under way at once", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
  const { table, fetch, shown } = await tableOf(...names);
  let running = 0;
  let most = 0;
  const { clients } = table;
  const provider = credstash({
    clients: async (request, call) => {
      if (request.operation !== "Decrypt") return clients(request, call);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return clients(request, call);
    },
  });
  const targets = names.map((name) => provider.parse(parseReference(`credstash::${name}::1${end}`)));
  const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false };
  expect(shown((await provider.batch?.fetch(targets, call)) ?? (await fetch()))).toEqual(names);
  expect(most).toBe(16);
});
