import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { AwsClients, AwsRequest } from "../../packages/aws-client/src/index.ts";

/** The kinds of what the contracts make. */
export type Kind = "secret" | "parameter" | "table" | "alias" | "key";

/** What a run made, or was about to: of one kind, by name; of a key by ARN. */
export interface Made {
  readonly kind: Kind;
  readonly id: string;
}

const kinds: Readonly<Record<string, readonly [Kind, member: string]>> = {
  CreateSecret: ["secret", "Name"],
  PutParameter: ["parameter", "Name"],
  CreateTable: ["table", "TableName"],
  CreateAlias: ["alias", "AliasName"],
};

/** Writes down what is made, before it is: so also what a test makes that then fails, or never ends. */
export function recorded(send: AwsClients, file: string): AwsClients {
  const record = (made: Made): void => appendFileSync(file, `${JSON.stringify(made)}\n`);
  return async (request, call) => {
    const named = madeBy(request);
    if (named !== undefined) record(named);
    const answer = await send(request, call);
    // AWS names it.
    if (request.operation === "CreateKey") record({ kind: "key", id: (answer["KeyMetadata"] as { Arn: string }).Arn });
    return answer;
  };
}

function madeBy({ operation, input }: AwsRequest): Made | undefined {
  const [kind, member] = kinds[operation] ?? [];
  if (kind === undefined || member === undefined) return undefined;
  return { kind, id: String((input as Record<string, unknown>)[member]) };
}

/** What was written down, each once. */
export function readMade(file: string): readonly Made[] {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return [...new Set(lines)].filter((line) => line !== "").map((line) => JSON.parse(line) as Made);
}
