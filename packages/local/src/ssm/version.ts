import { awsError } from "../error.ts";
import { arnOf, find, type Named, type Request } from "./name.ts";
import { latestOf, type Parameter, type Version } from "./state.ts";
import { shown } from "./value.ts";

/** A version as a request names it. */
export interface Found {
  readonly parameter: Parameter;
  readonly version: Version;
  /** `:3` or `:label`, where it was named so. */
  readonly selector?: string;
}

/**
 * The version that a name means: the latest, or the one of its selector. A selector of digits alone is a number, since no label
 * begins with a digit.
 *
 * @throws AwsError `ParameterNotFound`, `ParameterVersionNotFound`.
 */
export function versionOf(request: Request, { name, selector }: Named): Found {
  const parameter = find(request, name);
  if (parameter === undefined) throw awsError("ParameterNotFound"); // AWS says no more
  if (selector === undefined) return { parameter, version: latestOf(parameter) };
  const isNumber = /^\d+$/.test(selector);
  const version = parameter.versions.find((each) =>
    isNumber ? each.version === Number(selector) : each.labels.includes(selector),
  );
  if (version !== undefined) return { parameter, version, selector: `:${selector}` };
  const what = isNumber ? `version ${selector} of ${name}` : `label ${selector} for parameter ${name}`;
  const check = `Verify the ${isNumber ? "version" : "label"} and try again.`;
  throw awsError("ParameterVersionNotFound", `Systems Manager could not find ${what}. ${check}`);
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html. Times are epoch seconds. */
export function answered(request: Request, { parameter, version, selector }: Found, withDecryption: boolean): object {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: shown(request, parameter, version, withDecryption),
    Version: version.version,
    ...(selector !== undefined && { Selector: selector }),
    LastModifiedDate: version.modifiedMs / 1000,
    ARN: arnOf(request, parameter.name),
    DataType: "text",
  };
}
