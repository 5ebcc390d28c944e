// Where moto 5.2.5 does not do as AWS does: all that was met, as data. Each line is asserted to be exactly so (but-for.ts,
// different-answers.ts): once moto does as AWS, its test fails, and the line is to be deleted. No product code may know of it.
import { randomUUID } from "node:crypto";
import type { Answer } from "./ask.ts";

/** The tests of a contract that moto fails, by their names. */
export type Differences = Readonly<Record<string, Difference>>;

/** How moto fails a test. */
export interface Difference {
  /** What moto does instead. */
  readonly moto: string;
  /** How the failed assertion tells it, without colours. */
  readonly fails: string;
}

/** A request that moto answers otherwise than AWS. */
export interface DifferentAnswer<World> {
  readonly request: string;
  /** What AWS answers. */
  readonly aws: string;
  readonly operation: string;
  readonly input: (world: World) => object;
  readonly moto: Answer;
}

export const kmsDifferences: Differences = {
  "under another key than its own, a ciphertext does not open": {
    moto: "takes it for a lack of permission",
    fails: '-   "code": "ERR_SECRET_INTEGRITY",\n+   "code": "ERR_SECRET_ACCESS_DENIED",',
  },
  "a disabled key is told with the way to enable it": {
    moto: "decrypts with a disabled key as with any other",
    fails: 'Received promise resolved instead of rejected\nResolved to value: "correct horse"',
  },
};

/** Two keys, by ARN, and a ciphertext of the first. */
export interface KmsWorld {
  readonly key: string;
  readonly otherKey: string;
  readonly ciphertext: string;
}

export const kmsAnswers: readonly DifferentAnswer<KmsWorld>[] = [
  {
    request: "Decrypt under another key than the ciphertext's",
    aws: "HTTP 400, IncorrectKeyException and a message",
    operation: "Decrypt",
    input: ({ otherKey, ciphertext }) => ({ KeyId: otherKey, CiphertextBlob: ciphertext }),
    moto: { status: 400, body: { __type: "AccessDeniedException" } },
  },
  {
    // AWS takes it; moto looks it up as if it were an id, and breaks. The contract gives the id.
    request: "DisableKey of a key's ARN",
    aws: "HTTP 200",
    operation: "DisableKey",
    input: ({ key }) => ({ KeyId: key }),
    moto: { status: 500 },
  },
  {
    // So do all of KMS's operations without output. The contract's preparations go by adminOf (ask.ts), which lets that pass.
    request: "CreateAlias",
    aws: "HTTP 200 and no body",
    operation: "CreateAlias",
    input: ({ key }) => ({ AliasName: `alias/moto-${randomUUID()}`, TargetKeyId: key }),
    moto: { status: 200, body: null },
  },
];
