import { randomUUID } from "node:crypto";
import { attempt, type Message } from "./attempt.ts";
import type { AwsCredentials, CredentialSource } from "./credentials.ts";
import { findEndpoint } from "./endpoint.ts";
import { hostState } from "./host.ts";
import { readCredentials } from "./readcredentials.ts";
import type { AwsClients, AwsRequest } from "./request.ts";
import { retry } from "./retry.ts";
import { services } from "./service.ts";
import { version } from "./version.ts";

/** Options of `direct`. */
export interface DirectOptions {
  /** What signs the requests. Default: the environment, read at each attempt, then the container's endpoint. */
  readonly credentials?: CredentialSource;
}

/**
 * Calls AWS with nothing but Node: a request signed here, over `node:https`, on kept-alive connections.
 *
 * One attempt takes at most 2,000 ms, its connection 1,000 ms. What may pass by itself is tried again until the call's
 * deadline, a background call's at most 3 times (retry.ts); a write only where AWS has certainly not done it
 * (repeatable.ts).
 * @returns the function that providers take as their `clients`
 * @throws SecretError nothing at this call; the function's promise rejects with one, as the README's error table has it
 */
export function direct(options: DirectOptions = {}): AwsClients {
  return async (request, call) => {
    const endpoint = findEndpoint(request.service, request.region);
    const body = JSON.stringify(request.input);
    const headers = { signedHeaders: signedHeaders(request, body), unsignedHeaders: unsignedHeaders() };
    const message: Message = { request, endpoint, body, ...headers };
    const host = hostState(endpoint);
    let credentials: AwsCredentials | undefined;
    return retry(
      async (within, remedy) => {
        const expired = remedy === "credentials" ? credentials : undefined;
        credentials = await readCredentials(options.credentials, within, expired);
        return attempt(message, credentials, host, within);
      },
      host,
      call,
    );
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
