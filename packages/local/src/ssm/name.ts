import { awsError } from "../error.ts";
import { partitionOf } from "../partition.ts";
import type { OperationRequest } from "../service.ts";
import type { Parameter, SsmState } from "./state.ts";

/** A request to SSM. */
export type Request = OperationRequest<SsmState>;

/** What a request calls a parameter: a name or an ARN, with a selector or without. */
export const parameterName = { type: "string", required: true, min: 1, max: 2048 } as const;

/** A name as a request gives it, taken apart. */
export interface Named {
  /** Without the selector. */
  readonly name: string;
  /** A version's number or a label, without its colon. */
  readonly selector?: string;
}

/** A parameter's ARN; or what a permission for a name that no parameter has would be asked on. */
export function arnOf({ region, accountId }: Pick<Request, "region" | "accountId">, name: string): string {
  return `arn:${partitionOf(region)}:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
}

/**
 * Reads a name, an ARN, or one of them with a selector. In an ARN the names `/a` and `a` look the same: it means the one there is.
 *
 * @throws AwsError `ValidationException`.
 */
export function readName(request: Request, given: string): Named {
  const isArn = given.startsWith("arn:");
  const [, place = "", selector] =
    (isArn ? /^((?:[^:]*:){5}[^:]*)(?::(.*))?$/ : /^([^:]*)(?::(.*))?$/).exec(given) ?? [];
  if (selector !== undefined && !/^[a-zA-Z0-9_.-]{1,100}$/.test(selector)) throw invalidName();
  const part = selector === undefined ? {} : { selector };
  if (isArn) {
    const { region, accountId, state } = request;
    const prefix = arnOf({ region, accountId }, "");
    if (!place.startsWith(prefix)) return { name: given, ...part }; // of another region or account: nothing here has it
    const known = state.parameters.find((each) => each.region === region && arnOf(request, each.name) === place);
    return { name: known?.name ?? `/${place.slice(prefix.length)}`, ...part };
  }
  if (!/^[a-zA-Z0-9_./-]+$/.test(place)) throw invalidName();
  return { name: place, ...part };
}

/** The parameter of that name in the request's region. */
export function find(request: Request, name: string): Parameter | undefined {
  return request.state.parameters.find((each) => each.region === request.region && each.name === name);
}

/** Checks a name that is to be given to a new parameter. @throws AwsError AWS's, by what is wrong with it. */
export function checkNewName(name: string): void {
  if (!/^[a-zA-Z0-9_./-]+$/.test(name) || name.endsWith("/") || name.includes("//")) throw invalidName();
  const reserved = /^\/?(aws|ssm)/i.exec(name)?.[1]?.toLowerCase();
  if (reserved === "aws" && name.startsWith("/") && name.lastIndexOf("/") > 0) {
    throw awsError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
  }
  if (reserved !== undefined) throw invalidName();
  if (!name.includes("/")) return;
  if (!name.startsWith("/")) throw awsError("ValidationException", "Parameter name must be a fully qualified name.");
  if (name.split("/").length - 1 > 15) {
    throw awsError("HierarchyLevelLimitExceededException", "A parameter hierarchy can have a maximum of 15 levels.");
  }
}

function invalidName(): Error {
  const prefix = 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).';
  const path = "If formed as a path, it can consist of sub-paths divided by slash symbol;";
  const letters = "each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";
  return awsError("ValidationException", `${prefix} ${path} ${letters}`);
}
