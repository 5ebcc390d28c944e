import { readInput } from "../input.ts";
import { pageOf } from "../page.ts";
import { partitionOf } from "../partition.ts";
import type { Operation } from "../service.ts";
import { invalidToken, nextToken, noFilters } from "./bypath.ts";
import { resourceOf } from "./getparameter.ts";
import { arnOf, parameterName, type Request, readName } from "./name.ts";
import { latestOf, type Parameter, type SsmState, type Version } from "./state.ts";
import { shown } from "./value.ts";
import { versionOf } from "./version.ts";

const limit = { type: "integer", min: 1, max: 50 } as const;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
export const describeParameters: Operation<SsmState> = (request) => {
  noFilters(request.input);
  const input = readInput(request.input, { MaxResults: limit, NextToken: nextToken });
  const { region, accountId } = request;
  request.authorize("ssm:DescribeParameters", `arn:${partitionOf(region)}:ssm:${region}:${accountId}:*`);
  const here = request.state.parameters
    .filter((parameter) => parameter.region === region)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, next } = pageOf(here, ({ name }) => name, input.MaxResults ?? 50, input.NextToken, invalidToken);
  const Parameters = page.map((parameter) => ({
    ...metadata(parameter, latestOf(parameter)),
    ARN: arnOf(request, parameter.name),
  }));
  return { Parameters, ...(next !== undefined && { NextToken: next }) };
};

/** Every version with its labels. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html */
export const getParameterHistory: Operation<SsmState> = (request) => {
  const input = readInput(request.input, {
    Name: parameterName,
    WithDecryption: { type: "boolean" },
    MaxResults: limit,
    NextToken: nextToken,
  });
  const { parameter, versions } = history(request, input.Name);
  const at = ({ version }: Version): string => String(version).padStart(16, "0");
  const { page, next } = pageOf(versions, at, input.MaxResults ?? 50, input.NextToken, invalidToken);
  const Parameters = page.map((version) => ({
    ...metadata(parameter, version),
    Value: shown(request, parameter, version, input.WithDecryption ?? false),
    Labels: version.labels,
  }));
  return { Parameters, ...(next !== undefined && { NextToken: next }) };
};

function history(
  request: Request,
  given: string,
): { readonly parameter: Parameter; readonly versions: readonly Version[] } {
  const { name } = readName(request, given);
  request.authorize("ssm:GetParameterHistory", resourceOf(request, name));
  const { parameter } = versionOf(request, { name });
  return { parameter, versions: parameter.versions };
}

function metadata({ name }: Parameter, version: Version): object {
  const { type, keyId, description, allowedPattern, modifiedMs, userArn, tier } = version;
  return {
    Name: name,
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    LastModifiedDate: modifiedMs / 1000,
    LastModifiedUser: userArn,
    Version: version.version,
    Tier: tier,
    Policies: [],
    DataType: "text",
  };
}
