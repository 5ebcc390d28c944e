import { type Call, isSecretError } from "@serverless-secrets/core";
import { readAnswer } from "./answer.ts";
import { hostTimeMs, learnClock } from "./clock.ts";
import type { AwsCredentials } from "./credentials.ts";
import { askedDelayMs } from "./delay.ts";
import type { Endpoint } from "./endpoint.ts";
import { exchange } from "./exchange.ts";
import { describeFailure } from "./failure.ts";
import type { HostState } from "./host.ts";
import { dropIdle } from "./pool.ts";
import { failureRemedy, type Remedy, refusalRemedy } from "./remedy.ts";
import { isRepeatable } from "./repeatable.ts";
import type { AwsRequest } from "./request.ts";
import type { Tried } from "./retry.ts";
import { sign } from "./sign.ts";

/** A request, ready but for its signature. */
export interface Message {
  readonly request: AwsRequest;
  readonly endpoint: Endpoint;
  readonly body: string;
  /** Headers to sign, and those that a proxy may change. */
  readonly signedHeaders: Readonly<Record<string, string>>;
  readonly unsignedHeaders: Readonly<Record<string, string>>;
}

/**
 * Signs a request, sends it once, and reads the answer.
 * @returns the output; or the error and its remedy, for which the connections and the host's clock are made ready
 */
export async function attempt(
  message: Message,
  credentials: AwsCredentials,
  host: HostState,
  call: Pick<Call, "signal" | "deadlineMs">,
): Promise<Tried<Record<string, unknown>>> {
  const { request, endpoint, body } = message;
  const { service, region } = request;
  const dateMs = hostTimeMs(host);
  const signed = sign({
    host: endpoint.host,
    headers: message.signedHeaders,
    body,
    credentials,
    region,
    service,
    dateMs,
  });
  const outcome = await exchange(endpoint, { ...signed, ...message.unsignedHeaders }, body, call);
  if ("failed" in outcome) {
    const remedy = failureRemedy(outcome, isRepeatable(request));
    if (remedy === "reconnect") dropIdle(endpoint);
    return { error: describeFailure(outcome, endpoint, request), remedy };
  }
  try {
    return { value: readAnswer(outcome, request) };
  } catch (error) {
    if (!isSecretError(error)) throw error;
    const remedy: Remedy = refusalRemedy(outcome, error, isRepeatable(request));
    if (remedy === "clock") learnClock(host, outcome.headers);
    return { error, remedy, askedMs: askedDelayMs(outcome.headers) };
  }
}
