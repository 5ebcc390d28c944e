import type { AwsClients } from "@serverless-secrets/aws-client";
import { type Call, isSecretError, SecretError } from "@serverless-secrets/core";
import { checkSize } from "./close.ts";
import type { Item } from "./item.ts";
import { highestOf, keyOf, tableRequest } from "./read.ts";
import type { CredstashTarget } from "./target.ts";
import { nextVersion } from "./version.ts";

/** How often it may fail, by others that were first or by answers that were lost. */
const maxTries = 20;

/**
 * Puts an item as the next version of a name, and never over one: of those who put at once each gets a version of its own.
 *
 * A put whose answer was lost, or that an SDK repeated, fails falsely. So what stands there is read back and compared
 * before it is tried again, and before another version is.
 * @param sealed the item without its key
 * @returns the version, padded
 * @throws SecretError as DynamoDB refuses; `ERR_SECRET_UNAVAILABLE` also where others are always first
 */
export async function putNext(send: AwsClients, target: CredstashTarget, sealed: Item, call: Call): Promise<string> {
  let version = nextVersion(await highest(send, target, call));
  for (let tries = 0; tries < maxTries; tries += 1) {
    const pinned = { ...target, version };
    const failure = await put(send, pinned, sealed, call);
    if (failure === undefined) return version;
    if (!isConflict(failure) && failure.code !== "ERR_SECRET_UNAVAILABLE") throw failure;
    // Where nothing can be read either, the first failure tells more.
    const there = await readBack(send, pinned, call).catch(() => {
      throw failure;
    });
    if (there !== undefined && isSame(there, sealed)) return version;
    // Not there after all: the same again, which cannot make two of it.
    if (there !== undefined) version = nextVersion(await highest(send, target, call));
  }
  throw new SecretError("ERR_SECRET_UNAVAILABLE", `${maxTries} tries to put the next version failed. Try again.`);
}

async function highest(send: AwsClients, target: CredstashTarget, call: Call): Promise<string | undefined> {
  const { ExpressionAttributeNames: names, ...query } = highestOf(target.table, target.name);
  const input = {
    ...query,
    ExpressionAttributeNames: { ...names, "#version": "version" },
    ProjectionExpression: "#version",
  };
  const { Items } = await send({ ...tableRequest(target), operation: "Query", input }, call);
  const [item] = (Array.isArray(Items) ? Items : []) as Item[];
  return item === undefined ? undefined : String(item["version"]?.["S"]);
}

/** @returns undefined where it was put, else the failure */
async function put(
  send: AwsClients,
  target: CredstashTarget,
  sealed: Item,
  call: Call,
): Promise<SecretError | undefined> {
  const input = {
    TableName: target.table,
    Item: checkSize({ ...keyOf(target), ...sealed }),
    ConditionExpression: "attribute_not_exists(#name)",
    ExpressionAttributeNames: { "#name": "name" },
  };
  try {
    await send({ ...tableRequest(target), operation: "PutItem", input }, call);
    return undefined;
  } catch (error) {
    if (isSecretError(error)) return error;
    throw error;
  }
}

async function readBack(send: AwsClients, target: CredstashTarget, call: Call): Promise<Item | undefined> {
  const input = { TableName: target.table, Key: keyOf(target), ConsistentRead: true };
  const { Item } = await send({ ...tableRequest(target), operation: "GetItem", input }, call);
  return Item as Item | undefined;
}

// The wrapped data key is never the same twice.
const isSame = (there: Item, sealed: Item): boolean =>
  there["key"]?.["S"] === sealed["key"]?.["S"] && there["contents"]?.["S"] === sealed["contents"]?.["S"];

const isConflict = ({ cause }: SecretError): boolean => cause?.name === "ConditionalCheckFailedException";
