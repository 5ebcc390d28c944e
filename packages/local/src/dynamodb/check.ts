import type { Attributes } from "./engine.ts";

/** What IAM is asked about a request. */
export interface Check {
  /** A table, an index, or undefined for an action without resources. */
  readonly table: string | undefined;
  readonly index?: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** An input that dynalite has checked; expressions are parsed. */
type Input = Readonly<Record<string, unknown>>;

/**
 * The authorisation checks of a request: one for each table that it names.
 * @param partitionKeyOf the name of a table's partition key; undefined where there is no such table
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function checksOf(input: Input, partitionKeyOf: (table: string) => string | undefined): readonly Check[] {
  const requested = input["RequestItems"] as Readonly<Record<string, unknown>> | undefined;
  if (requested === undefined) {
    const table = tableOf(input);
    const index = input["IndexName"] as string | undefined;
    const keys = [input["Key"], input["Item"]].filter(isAttributes);
    const hash = table === undefined ? undefined : partitionKeyOf(table);
    return [{ table, ...(index !== undefined && { index }), context: contextOf(input, keys, hash) }];
  }
  return Object.entries(requested).map(([table, request]) => {
    // BatchWriteItem has a list of requests, BatchGetItem one with a list of keys.
    const writes = Array.isArray(request) ? (request as { [kind: string]: { Key?: unknown; Item?: unknown } }[]) : [];
    const keys = Array.isArray(request)
      ? writes.flatMap((write) => Object.values(write).flatMap(({ Key, Item }) => [Key, Item]))
      : ((request as { Keys: unknown[] }).Keys ?? []);
    const own = Array.isArray(request) ? {} : (request as Input);
    const common = { ReturnConsumedCapacity: input["ReturnConsumedCapacity"] };
    return { table, context: contextOf({ ...common, ...own }, keys.filter(isAttributes), partitionKeyOf(table)) };
  });
}

function contextOf(input: Input, keys: readonly Attributes[], hash: string | undefined): Check["context"] {
  const conditions = input["KeyConditions"] as Readonly<Record<string, { AttributeValueList?: object[] }>> | undefined;
  const queried = conditions?.[hash ?? ""]?.AttributeValueList?.[0];
  const hashes = keys.map((key) => key[hash ?? ""]);
  const leading = [...hashes, queried].flatMap((value) => Object.values(value ?? {}) as readonly unknown[]);
  const attributes = new Set([
    ...keys.flatMap((key) => Object.keys(key)),
    ...Object.keys(conditions ?? {}),
    ...Object.keys((input["AttributeUpdates"] as object | undefined) ?? {}),
    ...((input["AttributesToGet"] as readonly string[] | undefined) ?? []),
    ...Object.values((input["ExpressionAttributeNames"] as Record<string, string> | undefined) ?? {}),
    ...projected(input["_projection"]),
  ]);
  const given = ["Select", "ReturnValues", "ReturnConsumedCapacity"].flatMap((name) =>
    typeof input[name] === "string" ? [[`dynamodb:${name}`, input[name]] as const] : [],
  );
  return {
    ...(leading.length > 0 && { "dynamodb:LeadingKeys": [...new Set(leading.map(String))] }),
    ...(attributes.size > 0 && { "dynamodb:Attributes": [...attributes] }),
    ...Object.fromEntries(given),
  };
}

// dynalite's parsed ProjectionExpression: paths, each a list of steps.
const projected = (projection: unknown): readonly string[] =>
  ((projection as { paths?: readonly (readonly unknown[])[] } | undefined)?.paths ?? []).map(([first]) =>
    String(first),
  );

function tableOf(input: Input): string | undefined {
  const arn = /:table\/([^/]+)$/.exec(String(input["ResourceArn"] ?? ""))?.[1];
  return arn ?? (input["TableName"] as string | undefined);
}

const isAttributes = (value: unknown): value is Attributes => typeof value === "object" && value !== null;
