import { randomUUID } from "node:crypto";
import { readAnswer } from "./answer.ts";
import { type CredentialSource, readCredentials } from "./credentials.ts";
import { findEndpoint } from "./endpoint.ts";
import { exchange } from "./exchange.ts";
import { describeFailure } from "./failure.ts";
import type { AwsClients, AwsRequest } from "./request.ts";
import { services } from "./service.ts";
import { sign } from "./sign.ts";
import { version } from "./version.ts";

/** Options of `direct`. */
export interface DirectOptions {
  /** What signs the requests. Default: the environment, read at each signing. */
  readonly credentials?: CredentialSource;
}

/**
 * Calls AWS with nothing but Node: a request signed here, over `node:https`, on kept-alive connections.
 *
 * One attempt takes at most 2,000 ms, its connection 1,000 ms, and neither outlasts the call's deadline.
 * @returns the function that providers take as their `clients`
 * @throws SecretError nothing at this call; the function's promise rejects with one, as the README's error table has it
 */
export function direct(options: DirectOptions = {}): AwsClients {
  return async (request, call) => {
    const endpoint = findEndpoint(request.service, request.region);
    const credentials = await readCredentials(options.credentials, call);
    const body = JSON.stringify(request.input);
    const { service, region } = request;
    const signed = sign({
      host: endpoint.host,
      headers: signedHeaders(request, body),
      body,
      credentials,
      region,
      service,
      dateMs: Date.now(),
    });
    const outcome = await exchange(endpoint, { ...signed, ...unsignedHeaders() }, body, call);
    if ("failed" in outcome) throw describeFailure(outcome, endpoint, request);
    return readAnswer(outcome, request);
  };
}

function signedHeaders(request: AwsRequest, body: string): Record<string, string> {
  const { target, contentType } = services[request.service];
  return {
    "content-type": contentType,
    "content-length": String(Buffer.byteLength(body)),
    "x-amz-target": target + request.operation,
    "amz-sdk-invocation-id": randomUUID(),
  };
}

// Proxies may change these, so they are not signed.
function unsignedHeaders(): Record<string, string> {
  const environment = plain(process.env["AWS_EXECUTION_ENV"]);
  // Set by Lambda's runtime before each invocation; it joins our calls to the invocation's trace.
  const trace = plain(process.env["_X_AMZN_TRACE_ID"]);
  const agent = `serverless-secrets/${version} os/${process.platform} lang/js md/nodejs#${process.versions.node}`;
  return {
    "user-agent": environment === undefined ? agent : `${agent} exec-env/${environment}`,
    ...(trace !== undefined && { "x-amzn-trace-id": trace }),
  };
}

// What a header can hold; the environment is input.
function plain(text: string | undefined): string | undefined {
  return text !== undefined && /^[!-~]{1,500}$/.test(text) ? text : undefined;
}
