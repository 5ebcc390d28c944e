import { SecretError } from "@serverless-secrets/core";
import type { Endpoint } from "./endpoint.ts";
import { attemptTimeoutMs, connectTimeoutMs } from "./exchange.ts";
import type { Failure } from "./outcome.ts";
import { answerLimitBytes } from "./receive.ts";
import { type AwsRequest, nameOf } from "./request.ts";
import { isTransient } from "./transient.ts";

/**
 * The error of a request that got no whole answer.
 * @returns `ERR_SECRET_UNAVAILABLE`: no connection, no answer in time, one that broke off. `ERR_SECRET_PROVIDER`: what does not
 *   pass by itself, such as a certificate that does not verify, or an answer of more than 16 MiB
 */
export function describeFailure(failure: Failure, endpoint: Endpoint, request: AwsRequest): SecretError {
  const code = isTransient(failure.failed) ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER";
  const detail = `${nameOf(request)}: ${tell(failure, place(endpoint))} ${cure(failure, endpoint, request)}`;
  return new SecretError(code, detail.trimEnd(), { cause: { name: failure.failed } });
}

function place({ hostname, port }: Endpoint): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function tell({ failed, connected, queued, overtaken, afterMs }: Failure, where: string): string {
  if (failed === "AnswerTooLarge") return `the answer of ${where} exceeds ${answerLimitBytes / 1_048_576} MiB.`;
  if (failed === "TruncatedAnswer") return `the answer of ${where} broke off.`;
  if (overtaken) return `the process stood still while it waited for ${where}.`;
  if (queued) return `all 50 connections to ${where} were in use for ${afterMs} ms.`;
  const time = failed === "AbortError" ? `when the call was ended, after ${afterMs} ms` : `within ${afterMs} ms`;
  if (failed === "TimeoutError" || failed === "AbortError") {
    if (isUnsent(failed, afterMs)) return "the call had ended before it was sent.";
    return connected ? `no answer from ${where} ${time}.` : `no connection to ${where} ${time}.`;
  }
  return connected ? `the connection to ${where} broke (${failed}).` : `no connection to ${where} (${failed}).`;
}

const isUnsent = (failed: string, afterMs: number): boolean =>
  afterMs === 0 && (failed === "TimeoutError" || failed === "AbortError");

function cure(failure: Failure, endpoint: Endpoint, { service, region }: AwsRequest): string {
  const { failed, connected, queued, overtaken, afterMs } = failure;
  if (/CERT|TLS|SSL|EPROTO/.test(failed)) {
    return "Its certificate does not verify: something stands between; NODE_EXTRA_CA_CERTS names a private authority.";
  }
  if (failed === "AnswerTooLarge") return "Check what answers there: no secret is that large.";
  if (isUnsent(failed, afterMs)) return "Raise its timeout.";
  if (overtaken) return "Check that nothing blocks it for long; a frozen container does so by itself, and it passes.";
  if (queued) return "Check why those before it hang, or ask for fewer secrets at once.";
  // Less than an attempt may take: the call had no more.
  const usualMs = connected ? attemptTimeoutMs : connectTimeoutMs;
  const hurried =
    failed === "TimeoutError" && afterMs < usualMs ? "The call had no more time: raise its timeout. " : "";
  if (endpoint.variable !== undefined) return `${hurried}Check ${endpoint.variable}, and that its server answers.`;
  if (connected) return hurried || "It may pass by itself; where it does not, check the network in between.";
  const hint = failed === "ENOTFOUND" ? `Check that there is a region ${region}. ` : "";
  const vpcEndpoint = `an interface endpoint for com.amazonaws.${region}.${service}`;
  return `${hurried}${hint}In a VPC the function needs a NAT gateway, or ${vpcEndpoint} whose security group lets it in.`;
}
