import type { AwsClients, AwsRequest } from "@serverless-secrets/aws-client";
import { SecretError } from "@serverless-secrets/core";

/** An item of a table, its attributes by type. */
export type Item = Record<string, Record<string, string>>;

/** A table and a KMS in memory, which answer what is put into them and nothing else. */
export interface Table {
  readonly clients: AwsClients;
  /** Of the table. */
  readonly items: Item[];
  /** What KMS unwraps: the data key in base64, by the wrapped one and its context (`contextText`). */
  readonly keys: Map<string, string>;
  /** What was asked for, in order. */
  readonly requests: AwsRequest[];
  /** Answers an operation in its place; `undefined`: as ever. */
  intercept: (request: AwsRequest) => Promise<Record<string, unknown>> | undefined;
}

/** A context under which a data key was wrapped. */
export const contextText = (context: object = {}): string => JSON.stringify(Object.entries(context).sort());

/** An error as AWS's refusal comes to a provider. */
export const refusal = (code: SecretError["code"], name: string): SecretError =>
  new SecretError(code, "refused", { cause: { name, status: 400 } });

/** Makes one. */
export function memoryTable(items: Item[] = []): Table {
  const table: Table = {
    items,
    keys: new Map(),
    requests: [],
    intercept: () => undefined,
    clients: async (request) => {
      table.requests.push(request);
      const input = request.input as Input;
      return (await table.intercept(request)) ?? (operations[request.operation] as Operation)(table, input);
    },
  };
  return table;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a request holds
type Input = any;
type Operation = (table: Table, input: Input) => Record<string, unknown>;

const isOf = (item: Item, key: Item): boolean =>
  item["name"]?.["S"] === key["name"]?.["S"] && item["version"]?.["S"] === key["version"]?.["S"];

const operations: Readonly<Record<string, Operation>> = {
  GetItem: ({ items }, { Key }) => {
    const item = items.find((one) => isOf(one, Key));
    return item === undefined ? {} : { Item: item };
  },
  Query: ({ items }, { ExpressionAttributeValues: values }) => {
    const named = items.filter((item) => item["name"]?.["S"] === values[":name"].S);
    const [highest] = named.sort((a, b) => (String(a["version"]?.["S"]) < String(b["version"]?.["S"]) ? 1 : -1));
    return { Items: highest === undefined ? [] : [highest] };
  },
  BatchGetItem: ({ items }, { RequestItems }) => {
    const [[name, { Keys }]] = Object.entries(RequestItems) as [[string, { Keys: Item[] }]];
    // Not in the order of the request.
    return { Responses: { [name]: items.filter((item) => Keys.some((key) => isOf(item, key))).reverse() } };
  },
  PutItem: ({ items }, { Item: item }) => {
    if (items.some((one) => isOf(one, item))) throw refusal("ERR_SECRET_PROVIDER", "ConditionalCheckFailedException");
    items.push(item);
    return {};
  },
  Decrypt: ({ keys }, { CiphertextBlob, EncryptionContext, KeyId }) => {
    const Plaintext = keys.get(CiphertextBlob + contextText(EncryptionContext));
    if (Plaintext === undefined) throw refusal("ERR_SECRET_INTEGRITY", "InvalidCiphertextException");
    return { Plaintext, KeyId: KeyId ?? "a key" };
  },
  GenerateDataKey: ({ keys }, { NumberOfBytes, EncryptionContext }) => {
    const bytes = crypto.getRandomValues(new Uint8Array(NumberOfBytes));
    const CiphertextBlob = Buffer.from(crypto.getRandomValues(new Uint8Array(100))).toString("base64");
    const Plaintext = Buffer.from(bytes).toString("base64");
    keys.set(CiphertextBlob + contextText(EncryptionContext), Plaintext);
    return { Plaintext, CiphertextBlob };
  },
};
