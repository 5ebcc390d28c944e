import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { resourceOf } from "./getparameter.ts";
import { find, parameterName, type Request, readName } from "./name.ts";
import type { SsmState } from "./state.ts";

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html */
export const deleteParameter: Operation<SsmState> = (request) => {
  const { name } = readName(request, readInput(request.input, { Name: parameterName }).Name);
  request.authorize("ssm:DeleteParameter", resourceOf(request, name));
  if (!remove(request, name)) throw awsError("ParameterNotFound");
  request.save();
  return {};
};

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html */
export const deleteParameters: Operation<SsmState> = (request) => {
  const names = { type: "list", required: true, min: 1, max: 10 } as const;
  const asked = [...new Set(readInput(request.input, { Names: names }).Names)];
  const named = asked.map((given) => ({ given, name: readName(request, given).name }));
  for (const { name } of named) request.authorize("ssm:DeleteParameters", resourceOf(request, name));
  const DeletedParameters = named.filter(({ name }) => remove(request, name)).map(({ given }) => given);
  request.save();
  return { DeletedParameters, InvalidParameters: asked.filter((given) => !DeletedParameters.includes(given)) };
};

function remove(request: Request, name: string): boolean {
  const parameter = find(request, name);
  request.state.parameters = request.state.parameters.filter((each) => each !== parameter);
  return parameter !== undefined;
}
