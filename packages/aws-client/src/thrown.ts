import { isSecretError, SecretError, type SecretErrorCause } from "@serverless-secrets/core";
import { plainWord, safeName } from "./name.ts";
import { describeRefusal } from "./refusal.ts";
import { type AwsRequest, nameOf } from "./request.ts";
import { isTransient } from "./transient.ts";

/**
 * The error of what a client of the SDK threw.
 *
 * Of an error that AWS answered, name, status and request id are taken, and its message is matched against patterns. Nothing
 * else is kept: the SDK's parse error quotes the answer.
 * @returns a SecretError as it is; by AWS's error as over the built-in client; `ERR_SECRET_ACCESS_DENIED` for credentials that
 *   cannot be had; `ERR_SECRET_UNAVAILABLE` for what may pass: no connection, no answer in time; else `ERR_SECRET_PROVIDER`
 */
export function describeThrown(thrown: unknown, request: AwsRequest): SecretError {
  if (isSecretError(thrown)) return thrown;
  const { name, status, requestId, message, answered } = read(thrown);
  if (/^(Credentials|Token)ProviderError$/.test(name)) return describeCredentials(thrown, request);
  if (status !== undefined && (answered || status >= 400)) {
    // What did not read as an error of AWS is a load balancer's, or a proxy's.
    const known = answered && name !== "Unknown" ? name : "UnknownError";
    return describeRefusal({ name: known, status, requestId, message }, request);
  }
  // One that broke off has a status too.
  const passes = isTransient(name);
  return new SecretError(
    passes ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER",
    `${nameOf(request)}: ${passes ? "no answer from AWS" : "the AWS SDK failed"} (${name}). ${passes ? unreached : cure(name, status)}`.trimEnd(),
    { cause: causeOf({ name, status, requestId }) },
  );
}

/**
 * The error of an SDK that found no credentials.
 * @param thrown by its credential provider: its own error, or one that STS or SSO answered
 * @returns `ERR_SECRET_ACCESS_DENIED`; `ERR_SECRET_UNAVAILABLE` where the network or a fault of AWS's kept them away
 */
export function describeCredentials(thrown: unknown, request: AwsRequest): SecretError {
  if (isSecretError(thrown)) return thrown;
  const { name, status, requestId } = read(thrown);
  const passes = isTransient(name) || status === 429 || (status !== undefined && status >= 500);
  return new SecretError(
    passes ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_ACCESS_DENIED",
    `${nameOf(request)}: the AWS SDK has no credentials to sign with (${name}). ${passes ? "It may pass by itself." : noneFound}`,
    { cause: causeOf({ name, status, requestId }) },
  );
}

const noneFound =
  "Check AWS_PROFILE and the profile, sign in again (aws sso login), or check the trust policy of the role to assume.";

const unreached =
  "Check that its endpoint can be reached from here; in a VPC that takes a NAT gateway or an interface endpoint.";

function cure(name: string, status: number | undefined): string {
  if (status !== undefined) return "The answer does not come from AWS: look for a proxy in between.";
  if (/CERT|TLS|SSL|EPROTO/.test(name)) {
    return "The certificate does not verify: something stands between; NODE_EXTRA_CA_CERTS names a private authority.";
  }
  return "";
}

interface Read {
  readonly name: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly message: string;
  /** Whether AWS sent it: only those have a fault. Others are the SDK's own, also of an answer that it could not read. */
  readonly answered: boolean;
}

function read(thrown: unknown): Read {
  const { name, message, $fault, $metadata } = Object(thrown) as Readonly<Record<string, unknown>>;
  const { httpStatusCode, requestId } = Object($metadata) as Readonly<Record<string, unknown>>;
  const answered = $fault !== undefined;
  return {
    name: answered ? (plainWord(name) ?? "UnknownError") : safeName(thrown),
    status: typeof httpStatusCode === "number" ? httpStatusCode : undefined,
    requestId: plainWord(requestId),
    message: typeof message === "string" ? message : "",
    answered,
  };
}

const causeOf = ({ name, status, requestId }: Pick<Read, "name" | "status" | "requestId">): SecretErrorCause => ({
  name,
  ...(status !== undefined && { status }),
  ...(requestId !== undefined && { requestId }),
});
