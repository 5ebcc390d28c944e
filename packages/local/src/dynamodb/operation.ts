import { awsError } from "../error.ts";
import { partitionOf } from "../partition.ts";
import type { Operation, OperationRequest } from "../service.ts";
import { checksOf } from "./check.ts";
import { loadEngine, type Refusal } from "./engine.ts";
import type { DynamoDbState } from "./state.ts";
import { keep, settled, storeOf, tableOf } from "./store.ts";

/** An operation that dynalite performs. What it changes is kept before it is answered. */
export function operation(name: string): Operation<DynamoDbState> {
  return async (request): Promise<object> => {
    const { state, region, accountId } = request;
    const place = { state, region, accountId };
    const store = await storeOf(place);
    try {
      const input = loadEngine().validate(name, request.input, store);
      await authorize(name, request, input);
      const answer = await loadEngine().act(name, input, store);
      if (/^(Create|Update|Delete)Table$/.test(name)) await settled(store, String(input["TableName"]));
      if (!/^(BatchGet|Get|Query|Scan|List|Describe)/.test(name)) await keep(place, request.save);
      return answer;
    } catch (thrown) {
      throw isRefusal(thrown) ? asAwsError(thrown) : thrown;
    }
  };
}

async function authorize(
  name: string,
  { state, region, accountId, authorize: check }: OperationRequest<DynamoDbState>,
  input: Record<string, unknown>,
): Promise<void> {
  const store = await storeOf({ state, region, accountId });
  const named = [input["TableName"], ...Object.keys((input["RequestItems"] as object | undefined) ?? {})];
  const hashes = new Map<string, string | undefined>();
  for (const table of named.filter((one) => typeof one === "string")) {
    const schema = (await tableOf(store, table))?.KeySchema;
    hashes.set(table, schema?.find(({ KeyType }) => KeyType === "HASH")?.AttributeName);
  }
  for (const { table, index, context } of checksOf(input, (one) => hashes.get(one))) {
    const arn = `arn:${partitionOf(region)}:dynamodb:${region}:${accountId}:table/${table}`;
    const resource = index === undefined ? arn : `${arn}/index/${index}`;
    check(`dynamodb:${name}`, table === undefined ? "*" : resource, context);
  }
}

const isRefusal = (thrown: unknown): thrown is Refusal =>
  typeof thrown === "object" && thrown !== null && "statusCode" in thrown && "body" in thrown;

/** dynalite writes the type with its namespace. */
function asAwsError({ statusCode, body }: Refusal): Error {
  const { __type: type, message = body.Message } = body;
  return awsError(type.slice(type.indexOf("#") + 1), message, statusCode);
}
