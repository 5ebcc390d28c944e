import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import { pageOf } from "../page.ts";
import type { Operation } from "../service.ts";
import { arnOf } from "./name.ts";
import { latestOf, type SsmState } from "./state.ts";
import { answered } from "./version.ts";

/** Where a list goes on. */
export const nextToken = { type: "string", min: 1, max: 4096 } as const;

/** AWS's error for a token that is none. */
export const invalidToken = (): Error => awsError("InvalidNextToken", "The specified token isn't valid.");

/**
 * Parameters below a path, at most 10 at once. Who may read a path may read all below it, even what is denied by its own name.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export const getParametersByPath: Operation<SsmState> = (request) => {
  noFilters(request.input);
  const input = readInput(request.input, {
    Path: { type: "string", required: true, min: 1, max: 2048 },
    Recursive: { type: "boolean" },
    WithDecryption: { type: "boolean" },
    MaxResults: { type: "integer", min: 1, max: 10 },
    NextToken: nextToken,
  });
  const { Path: path, Recursive: recursive = false } = input;
  if (!/^\/([a-zA-Z0-9_.-]+\/)*[a-zA-Z0-9_.-]*$/.test(path)) throw invalidPath();
  request.authorize("ssm:GetParametersByPath", arnOf(request, path), { "ssm:Recursive": String(recursive) });
  const above = path.endsWith("/") ? path : `${path}/`;
  const below = request.state.parameters
    .filter(({ region, name }) => region === request.region && name.startsWith(above))
    .filter(({ name }) => recursive || !name.slice(above.length).includes("/"))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, next } = pageOf(below, ({ name }) => name, input.MaxResults ?? 10, input.NextToken, invalidToken);
  const Parameters = page.map((parameter) =>
    answered(request, { parameter, version: latestOf(parameter) }, input.WithDecryption ?? false),
  );
  return { Parameters, ...(next !== undefined && { NextToken: next }) };
};

/** Better refused than ignored: a list that is not filtered would pass for one that is. */
export function noFilters(input: Readonly<Record<string, unknown>>): void {
  if (input["ParameterFilters"] || input["Filters"]) {
    throw awsError("UnsupportedOperationException", "Local AWS knows no Filters.");
  }
}

function invalidPath(): Error {
  const rules =
    'The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). ' +
    "It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special " +
    'characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/".';
  return awsError("ValidationException", `The parameter doesn't meet the parameter name requirements. ${rules}`);
}
