import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test as jestTest } from "@jest/globals";
import { type AwsClients, type AwsRequest, direct, type Service } from "@serverless-secrets/aws-client";
import { bytes, createResolver, formatReference, parseReference, type SecretValue } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { providerConformance, type TestFunction } from "@serverless-secrets/core/testing";
import { credstash } from "../src/index.ts";
import { type CredstashSealerOptions, credstashSealer } from "../src/seal.ts";

/** A DynamoDB and a KMS to hold the provider against: ours, another's, AWS's own. */
export interface CredstashBackend {
  readonly region: string;
  /** How the provider under test reaches them. Default: as in a function, by the environment. */
  readonly clients?: AwsClients;
  /** Makes the table and the keys. Default: as in a function, by the environment. */
  readonly admin?: Admin;
  /** Takes the tests instead of jest's, for a backend that is known to fail some. */
  readonly test?: TestFunction;
}

/** Asks a service for an operation, and gives its answer. It rejects if the service refuses. */
export type Admin = (service: Service, operation: string, input: object) => Promise<Record<string, unknown>>;

/** credstash's table, as `credstash setup` makes it. */
export const tableInput = (TableName: string) => ({
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
});

/**
 * What the `credstash` provider and its sealer promise on any DynamoDB and KMS. The table that it makes is deleted at its end,
 * the keys are scheduled for deletion; all carry a tag.
 */
export function credstashContract(backendName: string, backend: CredstashBackend): void {
  const test: TestFunction = backend.test ?? jestTest;
  const admin = backend.admin ?? directAdmin(backend.region);
  const requests: AwsRequest[] = [];
  const send = backend.clients ?? direct();
  const clients: AwsClients = (request, call) => {
    requests.push(request);
    return send(request, call);
  };
  const table = `serverless-secrets-contract-${randomUUID()}`;
  const made: { readonly keys: string[]; table?: Promise<unknown> } = { keys: [] };
  const createKey = async (): Promise<string> => {
    const Tags = [{ TagKey: "serverless-secrets", TagValue: "contract-test" }];
    const { KeyMetadata } = await admin("kms", "CreateKey", { Description: "A contract test's", Tags });
    const { Arn } = KeyMetadata as { Arn: string };
    made.keys.push(Arn);
    return Arn;
  };
  const createTable = async (): Promise<void> => {
    const Tags = [{ Key: "serverless-secrets", Value: "contract-test" }];
    await admin("dynamodb", "CreateTable", { ...tableInput(table), Tags });
    for (let tries = 0; tries < 60; tries += 1) {
      const { Table } = await admin("dynamodb", "DescribeTable", { TableName: table });
      if ((Table as { TableStatus: string }).TableStatus === "ACTIVE") return;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  };
  let shared: Promise<string> | undefined;
  /** The end of a reference: the table and the key for all tests. */
  const place = async (): Promise<string> => {
    made.table ??= createTable();
    shared ??= createKey();
    await made.table;
    return `?table=${table}&key=${await shared}`;
  };
  const put = (unsealed: string, value: SecretValue, options: CredstashSealerOptions = {}): Promise<string> =>
    seal(credstashSealer({ clients, ...options }), unsealed, value);
  const resolver = () => createResolver({ providers: [credstash({ clients })] });
  const operations = () => requests.map(({ operation }) => operation);
  const item = async (reference: string): Promise<Record<string, Record<string, string>>> => {
    const { ref, payload = "" } = parseReference(reference);
    const Key = { name: { S: ref }, version: { S: payload.padStart(19, "0") } };
    const { Item } = await admin("dynamodb", "GetItem", { TableName: table, Key, ConsistentRead: true });
    return Item as Record<string, Record<string, string>>;
  };

  describe(`credstash on ${backendName}`, () => {
    // Within, so that it comes before the end of the backend.
    afterAll(async () => {
      if (made.table !== undefined) await admin("dynamodb", "DeleteTable", { TableName: table });
      for (const key of made.keys) {
        await admin("kms", "ScheduleKeyDeletion", { KeyId: key.replace(/^.*\//, ""), PendingWindowInDays: 7 });
      }
    });

    providerConformance(test, async () => {
      const end = await place();
      const unsealed = ["a", "b", "c", "a"].map((name) => `credstash::conform.${name}${end}`);
      unsealed.push(
        `credstash::conform.d${end}&context.stage=prod&context.app=shop`,
        `credstash::conform.e${end}&name=e`,
      );
      const pinned: { reference: string; value: string }[] = [];
      // One after the other: the second "a" is the next version.
      for (const [i, where] of unsealed.entries()) {
        pinned.push({ reference: await put(where, `value-${i}`), value: `value-${i}` });
      }
      const highest = { reference: `credstash::conform.a${end}`, value: "value-3" };
      return {
        provider: credstash({ clients }),
        existing: [...pinned, highest],
        missing: `credstash::conform.none${end}`,
        malformed: [
          "credstash::conform.a::latest",
          "credstash::conform.a?table=no/table",
          "credstash::conform.a?region=mars",
          "credstash::conform.a?key=alias/credstash",
        ],
      };
    });

    test("a missing version is told as such, alone and in a batch", async () => {
      const end = await place();
      await put(`credstash::gone${end}`, "x");
      const read = resolver();
      await expect(read.resolve(`credstash::gone::2${end}`)).rejects.toMatchObject({
        code: "ERR_SECRET_NOT_FOUND",
        message: expect.stringContaining("version 2"),
      });
      const both = ["1", "7"].map((version) => read.resolve(`credstash::gone::${version}${end}`));
      const [one, seven] = await Promise.allSettled(both);
      expect(one).toMatchObject({ status: "fulfilled", value: "x" });
      expect(seven).toMatchObject({ status: "rejected", reason: { code: "ERR_SECRET_NOT_FOUND" } });
    });

    test("a missing table is told as such", async () => {
      const read = resolver();
      for (const version of ["", "::1"]) {
        await expect(read.resolve(`credstash::db${version}?table=no-such-table`)).rejects.toMatchObject({
          code: "ERR_SECRET_NOT_FOUND",
          message: expect.stringMatching(/table/),
        });
      }
    });

    test("each seal is the next version, and the highest is by number", async () => {
      const end = await place();
      const sealed: string[] = [];
      for (let i = 1; i <= 11; i += 1) sealed.push(await put(`credstash::counted${end}`, `value-${i}`));
      expect(sealed.map((reference) => parseReference(reference).payload)).toEqual(
        Array.from({ length: 11 }, (_, i) => String(i + 1)),
      );
      const read = resolver();
      expect(await read.resolve(`credstash::counted${end}`)).toBe("value-11");
      expect(await read.resolve(sealed[1] as string)).toBe("value-2");
    });

    test("of those who seal at once, each gets a version and none is overwritten", async () => {
      const end = await place();
      const values = Array.from({ length: 6 }, (_, i) => `value-${i}`);
      const sealed = await Promise.all(values.map((value) => put(`credstash::raced${end}`, value)));
      expect(sealed.map((reference) => parseReference(reference).payload).sort()).toEqual([
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
      ]);
      const read = resolver();
      expect(await Promise.all(sealed.map((reference) => read.resolve(reference)))).toEqual(values);
    });

    for (const digest of ["SHA", "SHA224", "SHA256", "SHA384", "SHA512", "MD5"] as const) {
      test(`${digest}: the item is as the original writes it, and comes back`, async () => {
        const end = await place();
        const value = "pässwörd-☃-日本語-🔐".repeat(50);
        const reference = await put(`credstash::digest.${digest}${end}`, value, { digest });
        expect(await resolver().resolve(reference)).toBe(value);
        const { name, version, key, contents, hmac, digest: stored, ...others } = await item(reference);
        expect([name, version, stored]).toEqual([
          { S: `digest.${digest}` },
          { S: "0000000000000000001" },
          { S: digest },
        ]);
        expect(Buffer.from(hmac?.["B"] ?? "", "base64").toString()).toMatch(/^[0-9a-f]{32,128}$/);
        for (const text of [key?.["S"], contents?.["S"]]) expect(text).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
        expect(others).toEqual({});
      });
    }

    test("bytes that are no text come back as they were", async () => {
      const value = new Uint8Array(3_000).fill(0xff);
      const reference = await put(`credstash::bytes${await place()}`, value);
      expect([...(await resolver().resolve(bytes(reference)))]).toEqual([...value]);
    });

    test("under another context, or none, an item does not open", async () => {
      const end = await place();
      const reference = await put(`credstash::bound${end}&context.stage=prod&context.app=shop`, "correct horse");
      const changes: ((options: Map<string, string>) => void)[] = [
        (options) => options.set("context.stage", "Prod"),
        (options) => options.delete("context.app"),
        (options) => options.set("context.more", ""),
      ];
      for (const change of changes) {
        const parsed = parseReference(reference);
        const options = new Map(parsed.options);
        change(options);
        await expect(resolver().resolve(formatReference({ ...parsed, options }))).rejects.toMatchObject({
          code: "ERR_SECRET_INTEGRITY",
          message: expect.stringContaining("Give the context that it was put with"),
        });
      }
    });

    test("under another key than its own, an item does not open", async () => {
      const end = await place();
      const reference = await put(`credstash::keyed${end}`, "correct horse");
      const parsed = parseReference(reference);
      const options = new Map(parsed.options).set("key", await createKey());
      await expect(resolver().resolve(formatReference({ ...parsed, options }))).rejects.toMatchObject({
        code: "ERR_SECRET_INTEGRITY",
      });
    });

    test("an item with another's attribute does not open, whichever it is", async () => {
      const end = await place();
      const [one, other] = await Promise.all([
        put(`credstash::mixed.one${end}`, "correct horse", { digest: "SHA256" }),
        put(`credstash::mixed.other${end}`, "battery staple", { digest: "SHA512" }),
      ]);
      const [sound, foreign] = await Promise.all([item(one), item(other)]);
      for (const [i, attribute] of ["key", "contents", "hmac", "digest"].entries()) {
        const version = { S: String(i + 2).padStart(19, "0") };
        const Item = { ...sound, [attribute]: foreign[attribute], version };
        await admin("dynamodb", "PutItem", { TableName: table, Item });
        await expect(resolver().resolve(`credstash::mixed.one::${i + 2}${end}`)).rejects.toMatchObject({
          code: "ERR_SECRET_INTEGRITY",
        });
      }
    });

    test("a hundred pinned versions are one BatchGetItem, and one Decrypt for each data key", async () => {
      const end = await place();
      const [original] = await Promise.all([put(`credstash::many${end}`, "correct horse")]);
      const sound = await item(original as string);
      // Copies, as a restored or moved table has them: they share two data keys.
      const second = await item(await put(`credstash::many${end}`, "battery staple"));
      for (let i = 3; i <= 100; i += 1) {
        const Item = { ...(i % 2 === 1 ? sound : second), version: { S: String(i).padStart(19, "0") } };
        await admin("dynamodb", "PutItem", { TableName: table, Item });
      }
      requests.length = 0;
      const read = resolver();
      const all = Array.from({ length: 100 }, (_, i) => read.resolve(`credstash::many::${i + 1}${end}`));
      const expected = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? "correct horse" : "battery staple"));
      expect(await Promise.all(all)).toEqual(expected);
      expect(operations()).toEqual(["BatchGetItem", "Decrypt", "Decrypt"]);
    });

    test("highest versions are a Query each, and a pinned one alone a GetItem", async () => {
      const end = await place();
      for (const name of ["x", "y", "z"]) await put(`credstash::ways.${name}${end}`, name);
      requests.length = 0;
      const read = resolver();
      const names = ["x", "y", "z"].map((name) => read.resolve(`credstash::ways.${name}${end}`));
      expect(await Promise.all(names)).toEqual(["x", "y", "z"]);
      expect(operations().sort()).toEqual(["Decrypt", "Decrypt", "Decrypt", "Query", "Query", "Query"]);
      requests.length = 0;
      await read.resolve(`credstash::ways.x::1${end}`);
      expect(operations()).toEqual(["GetItem", "Decrypt"]);
    });
  });
}

function directAdmin(region: string): Admin {
  const ask = direct();
  return (service, operation, input) => {
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 10_000, background: false };
    return ask({ service, operation, region, input }, call);
  };
}
