import { dynamoDb } from "./dynamodb/service.ts";
import { kms } from "./kms/service.ts";
import { secretsManager } from "./secretsmanager/service.ts";
import type { Service } from "./service.ts";
import { ssm } from "./ssm/service.ts";

/** Every service there is. A new one is a line here. Each is handed its own state, whose type the list cannot name. */
export const services: readonly Service<unknown>[] = [
  kms as Service<unknown>,
  secretsManager as Service<unknown>,
  ssm as Service<unknown>,
  dynamoDb as Service<unknown>,
];
