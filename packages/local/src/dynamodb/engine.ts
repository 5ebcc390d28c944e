import { createRequire } from "node:module";
import { awsError } from "../error.ts";

/** An item's attributes, a whole key, or a part of one: attribute values by type. */
export type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A table as dynalite keeps it. */
export interface Table {
  readonly TableStatus: string;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: "HASH" | "RANGE" }[];
}

/** The tables of one region, in memory. */
export interface Store {
  readonly db: {
    put(key: string, value: unknown): Promise<void>;
    iterator(): { all(): Promise<[string, unknown][]> };
  };
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    get(name: string, done: (error: unknown, table?: Table) => void): void;
  };
}

/** How dynalite refuses. */
export interface Refusal {
  readonly statusCode: number;
  readonly body: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

/** What is used of dynalite: what its own server does once it has read a request, and no server, which would ask nobody who he is. */
export interface Engine {
  createStore(): Store;
  /** Checks an input and gives it with its expressions parsed. Throws a `Refusal`. */
  validate(operation: string, input: unknown, store: Store): Record<string, unknown>;
  /** Rejects with a `Refusal`. */
  act(operation: string, input: Record<string, unknown>, store: Store): Promise<object>;
}

interface Validations {
  checkTypes(input: unknown, types: unknown): Record<string, unknown>;
  checkValidations(input: unknown, types: unknown, custom: unknown, store: Store): void;
  toLowerFirst(operation: string): string;
}
type Action = (store: Store, input: unknown, done: (error: unknown, answer: object) => void) => void;

let engine: Engine | undefined;

const cure = "DynamoDB of the local AWS needs dynalite. Run: npm install --save-dev dynalite@4.0.0";

/** An optional peer: of all services it alone needs a package, one with a build script, which package managers ask about. */
function requireDynalite(require: NodeJS.Require): unknown {
  try {
    return require("dynalite/db");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    process.emitWarning(cure); // A client may drop AWS's messages, as this project's does.
    throw awsError("UnknownOperationException", cure);
  }
}

/** Loads dynalite, at the first call of DynamoDB: who uses KMS alone does not wait for it. Its version is pinned, as these are its inner modules. */
export function loadEngine(): Engine {
  if (engine !== undefined) return engine;
  const require = createRequire(import.meta.url);
  const { create } = requireDynalite(require) as { create(options: object): Store };
  const validations = require("dynalite/validations") as Validations;
  const fileOf = (operation: string): string => validations.toLowerFirst(operation);
  engine = {
    createStore: () => create({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 }),
    validate(operation, input, store) {
      const { types, custom } = require(`dynalite/validations/${fileOf(operation)}`) as Record<string, unknown>;
      const checked = validations.checkTypes(structuredClone(input), types);
      validations.checkValidations(checked, types, custom, store);
      return checked;
    },
    act(operation, input, store) {
      const action = require(`dynalite/actions/${fileOf(operation)}`) as Action;
      return new Promise((resolve, reject) => {
        // A copy: of a new table it goes on to change what it has answered.
        action(store, input, (error, answer) => (error ? reject(error) : resolve(structuredClone(answer))));
      });
    },
  };
  return engine;
}
