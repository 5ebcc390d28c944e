import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { resourceOf } from "./getparameter.ts";
import { parameterName, type Request, readName } from "./name.ts";
import type { SsmState } from "./state.ts";
import { type Found, versionOf } from "./version.ts";

const labels = { type: "list", required: true, min: 1, max: 10, maxItem: 100 } as const;
const number = { type: "integer", min: 1, max: Number.MAX_SAFE_INTEGER } as const;
const maxLabels = 10;

/**
 * Puts labels on a version (default: the latest), and takes them off any other.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
 */
export const labelParameterVersion: Operation<SsmState> = (request) => {
  const input = readInput(request.input, { Name: parameterName, ParameterVersion: number, Labels: labels });
  const { parameter, version } = permitted(request, input.Name, input.ParameterVersion);
  const asked = [...new Set(input.Labels)];
  const valid = asked.filter(isLabel);
  const after = new Set([...version.labels, ...valid]);
  if (after.size > maxLabels) {
    const cure = "Move one or more labels to another version and try again.";
    throw awsError(
      "ParameterVersionLabelLimitExceeded",
      `A parameter version can have a maximum of ten labels. ${cure}`,
    );
  }
  for (const each of parameter.versions) each.labels = each.labels.filter((label) => !valid.includes(label));
  version.labels = [...after];
  request.save();
  return { InvalidLabels: asked.filter((label) => !isLabel(label)), ParameterVersion: version.version };
};

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html */
export const unlabelParameterVersion: Operation<SsmState> = (request) => {
  const required = { ...number, required: true } as const;
  const input = readInput(request.input, { Name: parameterName, ParameterVersion: required, Labels: labels });
  const { version } = permitted(request, input.Name, input.ParameterVersion);
  const asked = [...new Set(input.Labels)];
  const RemovedLabels = asked.filter((label) => version.labels.includes(label));
  version.labels = version.labels.filter((label) => !RemovedLabels.includes(label));
  request.save();
  return { RemovedLabels, InvalidLabels: asked.filter((label) => !RemovedLabels.includes(label)) };
};

/** No label begins with a digit, so that none can pass for a version's number; `aws` and `ssm` are AWS's own. */
function isLabel(text: string): boolean {
  return /^(?!\d|aws|ssm)[a-z0-9_.-]+$/i.test(text);
}

function permitted(request: Request, given: string, number: number | undefined): Found {
  const { name } = readName(request, given);
  request.authorize(`ssm:${request.operation}`, resourceOf(request, name));
  return versionOf(request, { name, ...(number === undefined ? {} : { selector: String(number) }) });
}
