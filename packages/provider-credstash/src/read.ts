import { type AwsClients, type AwsRequest, defaultRegion } from "@serverless-secrets/aws-client";
import { type Call, SecretError } from "@serverless-secrets/core";
import type { Item } from "./item.ts";
import type { CredstashTarget } from "./target.ts";
import { shortVersion } from "./version.ts";

/** What requests to a table have in common. */
export const tableRequest = ({
  table,
  region,
}: Pick<CredstashTarget, "table" | "region">): Pick<AwsRequest, "service" | "region" | "resource"> => ({
  service: "dynamodb",
  region: region ?? defaultRegion(),
  resource: `table/${table}`,
});

/**
 * Asks for a pinned version, eventually consistent, as credstash does.
 * @throws SecretError `ERR_SECRET_NOT_FOUND`
 */
export async function getItem(send: AwsClients, target: CredstashTarget, call: Call): Promise<Item> {
  const input = { TableName: target.table, Key: keyOf(target) };
  const answer = await send({ ...tableRequest(target), operation: "GetItem", input }, call);
  if (isObject(answer["Item"])) return answer["Item"] as Item;
  throw missing(target);
}

/**
 * Asks for the highest version, consistently, as credstash does.
 * @throws SecretError `ERR_SECRET_NOT_FOUND`
 */
export async function queryHighest(send: AwsClients, target: CredstashTarget, call: Call): Promise<Item> {
  const input = highestOf(target.table, target.name);
  const answer = await send({ ...tableRequest(target), operation: "Query", input }, call);
  const [item] = Array.isArray(answer["Items"]) ? (answer["Items"] as unknown[]) : [];
  if (isObject(item)) return item as Item;
  throw missing(target);
}

/** The Query of a name's highest version: versions are padded, so that they sort as numbers do. */
export const highestOf = (
  table: string,
  name: string,
): { readonly [member: string]: unknown; readonly ExpressionAttributeNames: Readonly<Record<string, string>> } => ({
  TableName: table,
  KeyConditionExpression: "#name = :name",
  ExpressionAttributeNames: { "#name": "name" }, // a word of DynamoDB's own
  ExpressionAttributeValues: { ":name": { S: name } },
  ScanIndexForward: false,
  Limit: 1,
  ConsistentRead: true,
});

/** The whole key of a version, as DynamoDB takes it. */
export interface Key {
  readonly name: { readonly S: string };
  readonly version: { readonly S: string };
}

/** The whole key of a pinned version. */
export const keyOf = ({ name, version = "" }: Pick<CredstashTarget, "name" | "version">): Key => ({
  name: { S: name },
  version: { S: version },
});

/** The error of a secret that the table does not hold. */
export function missing({ table, region, version }: CredstashTarget): SecretError {
  const what = version === undefined ? "such name" : `version ${shortVersion(version)} of that name`;
  return new SecretError(
    "ERR_SECRET_NOT_FOUND",
    `the table ${table} in ${region ?? defaultRegion()} holds no ${what}. Correct the reference (credstash list shows what is there; ?table= and ?region= say where), or put the secret.`,
  );
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
