import { awsError, isAwsError } from "../error.ts";
import { readInput } from "../input.ts";
import { pageOf } from "../page.ts";
import type { Operation } from "../service.ts";
import type { Request } from "./find.ts";
import { readSecret } from "./getsecretvalue.ts";
import { invalidToken, nextToken, noFilters } from "./list.ts";
import type { SecretsManagerState } from "./state.ts";

/**
 * Up to 20 current values at once. Permission for the batch itself is asked on `*`, then for each value as by GetSecretValue;
 * what fails for one secret stands in `Errors`. AWS promises no order: here it is the reverse of the request's.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
export const batchGetSecretValue: Operation<SecretsManagerState> = (request) => {
  noFilters(request.input);
  const input = readInput(request.input, {
    SecretIdList: { type: "list", min: 1, max: 20 },
    MaxResults: { type: "integer", min: 1, max: 20 },
    NextToken: nextToken,
  });
  request.authorize("secretsmanager:BatchGetSecretValue", "*");
  if (input.SecretIdList === undefined) {
    throw awsError("InvalidParameterException", "You must provide either SecretIdList or Filters.");
  }
  const asked = [...new Set(input.SecretIdList)].map((id, index) => ({ id, at: String(index).padStart(2, "0") }));
  const { page, next } = pageOf(asked, ({ at }) => at, input.MaxResults ?? 20, input.NextToken, invalidToken);
  const read = page.map(({ id }) => one(request, id)).reverse();
  return {
    SecretValues: read.flatMap(({ value }) => value ?? []),
    Errors: read.flatMap(({ error }) => error ?? []),
    ...(next !== undefined && { NextToken: next }),
  };
};

function one(request: Request, id: string): { readonly value?: object; readonly error?: object } {
  try {
    return { value: readSecret(request, { SecretId: id }) };
  } catch (thrown) {
    if (!isAwsError(thrown)) throw thrown;
    return { error: { SecretId: id, ErrorCode: thrown.name, Message: thrown.message } };
  }
}
