import { setTimeout as sleep } from "node:timers/promises";
import { isSecretError } from "../../packages/core/src/index.ts";
import { askBy, patient } from "./admin.ts";
import type { Kind, Made } from "./made.ts";

const ask = askBy(patient);
/** A table takes some seconds to go, a secret may. */
const untilGoneMs = 180_000;

interface Remover {
  /** Whether it is still there, and to stay. */
  isLeft(id: string): Promise<boolean>;
  remove(id: string): Promise<unknown>;
}

const removers: Readonly<Record<Kind, Remover>> = {
  secret: {
    isLeft: (SecretId) => isFound(ask("secretsmanager", "DescribeSecret", { SecretId })),
    remove: (SecretId) => ask("secretsmanager", "DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true }),
  },
  parameter: {
    isLeft: (Name) => isFound(ask("ssm", "GetParameter", { Name })),
    remove: (Name) => ask("ssm", "DeleteParameters", { Names: [Name] }),
  },
  table: {
    isLeft: (TableName) => isFound(ask("dynamodb", "DescribeTable", { TableName })),
    remove: (TableName) => ask("dynamodb", "DeleteTable", { TableName }),
  },
  alias: {
    isLeft: (KeyId) => isFound(ask("kms", "DescribeKey", { KeyId })),
    remove: (AliasName) => ask("kms", "DeleteAlias", { AliasName }),
  },
  // AWS deletes none at once.
  key: {
    isLeft: (KeyId) =>
      isFound(ask("kms", "DescribeKey", { KeyId }), ({ KeyMetadata }) => {
        return (KeyMetadata as { KeyState: string }).KeyState !== "PendingDeletion";
      }),
    remove: (KeyId) => ask("kms", "ScheduleKeyDeletion", { KeyId, PendingWindowInDays: 7 }),
  },
};

/** What a sweep came to. */
export interface Swept {
  /** What was there at its beginning. */
  readonly found: readonly Made[];
  /** What is there at its end. */
  readonly left: readonly Made[];
}

/** Deletes what is still there of what was made, until it is gone. */
export async function sweep(made: readonly Made[]): Promise<Swept> {
  const untilMs = Date.now() + untilGoneMs;
  const found = await leftOf(made);
  let left = found;
  while (left.length > 0 && Date.now() < untilMs) {
    // Whatever one fails by, the others go; what is in creation or deletion is asked for once more.
    for (const { kind, id } of left) await removers[kind].remove(id).catch(() => {});
    await sleep(1_000);
    left = await leftOf(left);
  }
  return { found, left };
}

async function leftOf(made: readonly Made[]): Promise<readonly Made[]> {
  const left: Made[] = [];
  for (const one of made) {
    // What cannot be told counts as left.
    if (await removers[one.kind].isLeft(one.id).catch(() => true)) left.push(one);
  }
  return left;
}

async function isFound(
  answer: Promise<Record<string, unknown>>,
  isLeft: (answer: Record<string, unknown>) => boolean = () => true,
): Promise<boolean> {
  try {
    return isLeft(await answer);
  } catch (error) {
    if (isSecretError(error) && error.code === "ERR_SECRET_NOT_FOUND") return false;
    throw error;
  }
}
