import { awsError, isAwsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, parameterName, type Request, readName } from "./name.ts";
import type { SsmState } from "./state.ts";
import { answered, type Found, versionOf } from "./version.ts";

const withDecryption = { type: "boolean" } as const;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
export const getParameter: Operation<SsmState> = (request) => {
  const input = readInput(request.input, { Name: parameterName, WithDecryption: withDecryption });
  const named = readName(request, input.Name);
  request.authorize("ssm:GetParameter", resourceOf(request, named.name));
  return { Parameter: answered(request, versionOf(request, named), input.WithDecryption ?? false) };
};

/**
 * 1 to 10 at once. Permission is asked for every name before anything is read: one that is denied denies them all. AWS promises
 * no order: here it is the reverse of the request's.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export const getParameters: Operation<SsmState> = (request) => {
  const names = { type: "list", required: true, min: 1, max: 10 } as const;
  const input = readInput(request.input, { Names: names, WithDecryption: withDecryption });
  if (new Set(input.Names).size < input.Names.length) {
    throw awsError("ValidationException", "Duplicate parameter names are not allowed in one request.");
  }
  const asked = input.Names.map((given) => ({ given, ...readName(request, given) }));
  for (const name of new Set(asked.map((each) => each.name))) {
    request.authorize("ssm:GetParameters", resourceOf(request, name));
  }
  const found = asked.map((named) => ({ given: named.given, found: known(() => versionOf(request, named)) }));
  const answers = found.flatMap((each) => each.found ?? []).reverse();
  return {
    Parameters: answers.map((each) => answered(request, each, input.WithDecryption ?? false)),
    InvalidParameters: found.filter((each) => each.found === undefined).map(({ given }) => given),
  };
};

/** What is not there is no error among many. */
function known(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (thrown) {
    if (isAwsError(thrown)) return undefined;
    throw thrown;
  }
}

/** An ARN of elsewhere is its own resource. */
export function resourceOf(request: Request, name: string): string {
  return name.startsWith("arn:") ? name : arnOf(request, name);
}
