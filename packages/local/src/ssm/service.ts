import type { Service } from "../service.ts";
import { getParametersByPath } from "./bypath.ts";
import { deleteParameter, deleteParameters } from "./deleteparameter.ts";
import { describeParameters, getParameterHistory } from "./describeparameters.ts";
import { getParameter, getParameters } from "./getparameter.ts";
import { labelParameterVersion, unlabelParameterVersion } from "./label.ts";
import { putParameter } from "./putparameter.ts";
import type { SsmState } from "./state.ts";

/** SSM Parameter Store. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations.html */
export const ssm: Service<SsmState> = {
  name: "ssm",
  targetPrefix: "AmazonSSM.",
  jsonVersion: "1.1",
  logged: [
    "Name",
    "Names",
    "Path",
    "Recursive",
    "WithDecryption",
    "Type",
    "Tier",
    "KeyId",
    "Overwrite",
    "Labels",
    "ParameterVersion",
    "MaxResults",
    "NextToken",
  ],
  initial: () => ({ parameters: [] }),
  operations: new Map([
    ["DeleteParameter", deleteParameter],
    ["DeleteParameters", deleteParameters],
    ["DescribeParameters", describeParameters],
    ["GetParameter", getParameter],
    ["GetParameterHistory", getParameterHistory],
    ["GetParameters", getParameters],
    ["GetParametersByPath", getParametersByPath],
    ["LabelParameterVersion", labelParameterVersion],
    ["PutParameter", putParameter],
    ["UnlabelParameterVersion", unlabelParameterVersion],
  ]),
};
