import { type AwsClients, wait } from "@serverless-secrets/aws-client";
import { type Call, isSecretError, SecretError } from "@serverless-secrets/core";
import type { Item } from "./item.ts";
import { type Key, keyOf, tableRequest } from "./read.ts";
import type { CredstashTarget } from "./target.ts";

/** A background fetch asks again so often, as the client does for a refusal. */
const maxBackgroundRetries = 3;

/** What tells the items of a table apart. */
export const nameAndVersion = ({ name, version }: Pick<CredstashTarget, "name" | "version">): string =>
  JSON.stringify([name, version]);

/**
 * Asks for the items of pinned versions of one table in one BatchGetItem, and again for those that it left unprocessed, after
 * a delay that grows from 50 ms, until the deadline.
 * @returns the items by `nameAndVersion`, in place of one that was never processed its error; none where there is none
 * @throws SecretError where the first is refused
 */
export async function getItems(
  send: AwsClients,
  targets: readonly CredstashTarget[],
  call: Call,
): Promise<ReadonlyMap<string, Item | SecretError>> {
  const found = new Map<string, Item | SecretError>();
  const [first] = targets;
  if (first === undefined) return found;
  const { table } = first;
  // A key that stands twice is a ValidationException.
  let keys: readonly Key[] = [...new Map(targets.map((target) => [nameAndVersion(target), keyOf(target)])).values()];
  for (let attempt = 0; keys.length > 0; attempt += 1) {
    if (attempt > 0 && !(await mayAskAgain(attempt, call))) {
      for (const key of keys) found.set(idOf(key), unprocessed(table, attempt));
      return found;
    }
    const request = { ...tableRequest(first), operation: "BatchGetItem" };
    const answer = await send({ ...request, input: { RequestItems: { [table]: { Keys: keys } } } }, call).catch(
      (error: unknown) => {
        // What it gave before stays good.
        if (attempt > 0 && isSecretError(error)) return error;
        throw error;
      },
    );
    if (isSecretError(answer)) {
      for (const key of keys) found.set(idOf(key), answer);
      return found;
    }
    const { [table]: items = [] } = Object(answer["Responses"]) as Record<string, readonly Item[] | undefined>;
    for (const item of items) found.set(idOf(item), item);
    const { [table]: left } = Object(answer["UnprocessedKeys"]) as Record<string, { Keys: readonly Key[] } | undefined>;
    keys = left?.Keys ?? [];
  }
  return found;
}

const idOf = ({ name, version }: Item | Key): string =>
  nameAndVersion({ name: String(name?.["S"]), version: String(version?.["S"]) });

async function mayAskAgain(attempt: number, { signal, deadlineMs, background }: Call): Promise<boolean> {
  if (background && attempt > maxBackgroundRetries) return false;
  const delayMs = Math.random() * Math.min(20_000, 50 * 2 ** (attempt - 1));
  if (Date.now() + delayMs >= deadlineMs) return false;
  await wait(delayMs, signal);
  return !signal.aborted;
}

const unprocessed = (table: string, attempts: number): SecretError =>
  new SecretError(
    "ERR_SECRET_UNAVAILABLE",
    `DynamoDB left it unprocessed ${attempts} times (UnprocessedKeys): the table ${table} has too little read capacity. Raise it, or bill the table on demand.`,
  );
