import { type AwsClients, type AwsRequest, defaultRegion, describeRefusal } from "@serverless-secrets/aws-client";
import { type Call, isSecretError, type SecretError, type SecretValue } from "@serverless-secrets/core";
import { type Answer, isNamed, secretOf } from "./answer.ts";
import { explainDenial } from "./denial.ts";
import type { SecretsManagerTarget } from "./target.ts";

/**
 * Reads current values by BatchGetSecretValue, page by page.
 * @param targets of one region, without stage or version; at most 20
 * @returns by `id` the value, or why this one cannot be had
 * @throws SecretError where the batch is refused as a whole
 */
export async function fetchBatch(
  send: AwsClients,
  targets: readonly SecretsManagerTarget[],
  call: Call,
): Promise<ReadonlyMap<string, SecretValue | SecretError>> {
  const region = targets[0]?.region ?? defaultRegion();
  const found = new Map<string, SecretValue | SecretError>();
  // Not in the order of the request; a target may have by ARN what is answered by name.
  const put = (
    isMeant: (target: SecretsManagerTarget) => boolean,
    result: (target: SecretsManagerTarget) => SecretValue | SecretError,
  ) => {
    for (const target of targets) if (isMeant(target)) found.set(target.id, result(target));
  };
  let input: object = { SecretIdList: targets.map(({ secretId }) => secretId) };
  for (;;) {
    const page = await send({ service: "secretsmanager", operation: "BatchGetSecretValue", region, input }, call);
    for (const value of listOf(page["SecretValues"])) {
      put(
        (target) => target.secretId === value["Name"] || isNamed(target, value["ARN"]),
        () => valueOrError(value),
      );
    }
    for (const error of listOf(page["Errors"])) {
      put(
        (target) => isNamed(target, error["SecretId"]),
        (target) => errorOf(error, region, target),
      );
    }
    // A page may be empty and not be the last.
    const { NextToken } = page;
    if (typeof NextToken !== "string") return found;
    input = { ...input, NextToken };
  }
}

const listOf = (list: unknown): readonly Answer[] => (Array.isArray(list) ? list : []);

function valueOrError(value: Answer): SecretValue | SecretError {
  try {
    return secretOf(value);
  } catch (error) {
    if (isSecretError(error)) return error;
    throw error;
  }
}

/** As if it had been asked for alone, since that is the permission that it takes. */
function errorOf({ ErrorCode, Message }: Answer, region: string, { secretId }: SecretsManagerTarget): SecretError {
  const name = typeof ErrorCode === "string" && /^\w{1,100}$/.test(ErrorCode) ? ErrorCode : "UnknownError";
  const request: AwsRequest = {
    service: "secretsmanager",
    operation: "GetSecretValue",
    region,
    input: {},
    resource: secretId,
  };
  const refusal = { name, status: 200, message: typeof Message === "string" ? Message : "" };
  return explainDenial(describeRefusal(refusal, request), secretId) as SecretError;
}
