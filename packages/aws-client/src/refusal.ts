import { SecretError, type SecretErrorCode } from "@serverless-secrets/core";
import { describeDenial } from "./denial.ts";
import { type AwsRequest, nameOf } from "./request.ts";
import { rules } from "./rules.ts";

/** An error that AWS answered, over whichever client. */
export interface Refusal {
  /** AWS's name of it, e.g. `AccessDeniedException`: a plain word. */
  readonly name: string;
  /** HTTP status. */
  readonly status: number;
  /** A plain word. */
  readonly requestId?: string | undefined;
  /** AWS's message. It is matched against patterns and never copied. */
  readonly message: string;
}

/**
 * The error of a request that AWS refused.
 * @returns the code that rules.ts gives it; of an error that no rule names `ERR_SECRET_UNAVAILABLE` for status 429 and from 500
 *   on, else `ERR_SECRET_PROVIDER`
 */
export function describeRefusal(refusal: Refusal, request: AwsRequest): SecretError {
  const { name, status, requestId, message } = refusal;
  const rule = rules.find(
    ({ names, ...only }) =>
      names.includes(name) &&
      (only.service === undefined || only.service === request.service) &&
      (only.message === undefined || only.message.test(message)),
  );
  const passes = rule === undefined && (status === 429 || status >= 500);
  const code: SecretErrorCode = rule?.code ?? (passes ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER");
  const verb = code === "ERR_SECRET_UNAVAILABLE" ? "did not do" : "refused";
  const cure = rule?.cure ?? (passes ? "It may pass by itself." : "");
  const detail = rule?.denial
    ? describeDenial(refusal, request)
    : `AWS ${verb} ${nameOf(request)} (${name}, HTTP ${status}). ${cure}`.trimEnd();
  return new SecretError(code, detail, { cause: { name, status, ...(requestId !== undefined && { requestId }) } });
}
