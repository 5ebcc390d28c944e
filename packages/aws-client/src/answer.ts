import { SecretError } from "@serverless-secrets/core";
import { plainWord } from "./name.ts";
import type { Answer } from "./outcome.ts";
import { describeRefusal } from "./refusal.ts";
import { type AwsRequest, nameOf } from "./request.ts";

/**
 * Reads an answer of the AWS JSON protocol.
 * @returns the output: a JSON object, `{}` where the body is empty
 * @throws SecretError by AWS's error (refusal.ts). `ERR_SECRET_PROVIDER`: a redirect, which is never followed, or a success
 *   that is no JSON object. What did not parse is not quoted: it may hold the secret
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
 */
export function readAnswer(answer: Answer, request: AwsRequest): Record<string, unknown> {
  const { status, headers } = answer;
  const output = parse(answer.body);
  if (status === 200 && output !== undefined) return output;
  const requestId = plainWord(headers["x-amzn-requestid"]);
  if (status === 200 || (status >= 300 && status < 400)) {
    const name = status === 200 ? "MalformedAnswer" : "Redirect";
    const what = status === 200 ? "the answer is no JSON object" : `the answer is a redirect (HTTP ${status})`;
    throw new SecretError(
      "ERR_SECRET_PROVIDER",
      `${nameOf(request)}: ${what}, so it does not come from AWS. Look for a proxy in between.`,
      { cause: { name, status, ...(requestId !== undefined && { requestId }) } },
    );
  }
  const name = errorName(headers["x-amzn-errortype"]) ?? errorName(output?.["__type"]) ?? "UnknownError";
  const message = output?.["message"] ?? output?.["Message"];
  throw describeRefusal({ name, status, requestId, message: typeof message === "string" ? message : "" }, request);
}

function parse(body: string): Record<string, unknown> | undefined {
  if (body === "") return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // V8's message quotes the body.
  }
  return undefined;
}

// `com.amazonaws.kms#NotFoundException:http://internal…` is NotFoundException.
function errorName(type: unknown): string | undefined {
  if (typeof type !== "string") return undefined;
  return plainWord(type.replace(/:.*$/s, "").replace(/^.*#/s, ""));
}
