import { type Call, SecretError, type SecretErrorCode } from "@serverless-secrets/core";
import { readAnswer } from "./answer.ts";
import { exchange } from "./exchange.ts";
import { extensionRequest } from "./extensionrequest.ts";
import type { Answer, Failure } from "./outcome.ts";
import { describeRefusal } from "./refusal.ts";
import { type AwsClients, type AwsRequest, nameOf } from "./request.ts";
import { rules } from "./rules.ts";
import { isTransient } from "./transient.ts";
import { wait } from "./wait.ts";

/** How long between two tries while the extension starts. */
const againAfterMs = 50;
/** So long before the deadline tries end: their error, which has the cure, is told before the caller stops waiting. */
const reserveMs = 100;

/**
 * Reads through the AWS Parameters and Secrets Lambda extension, or the Secrets Manager agent, on localhost, in place of
 * `direct()`. It reads only, one entry a request, only from the function's own region, and keeps what it read for its own time
 * to live.
 *
 * Port `PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`, default 2773; token `AWS_SESSION_TOKEN`, with SnapStart
 * `AWS_CONTAINER_AUTHORIZATION_TOKEN`. An attempt takes at most 2,000 ms; while the extension starts, it is asked again until
 * the call's deadline.
 * @returns the function that providers take as their `clients`
 * @throws SecretError nothing at this call. From the function's promise: `ERR_SECRET_UNAVAILABLE`: it does not answer.
 *   `ERR_SECRET_ACCESS_DENIED`: it does not take the token. `ERR_SECRET_PROVIDER`: see extensionrequest.ts. Else as `direct()`
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export function extension(): AwsClients {
  return async (request, call) => {
    const again: Call = { ...call, deadlineMs: call.deadlineMs - reserveMs };
    let last: Answer | Failure | undefined;
    for (;;) {
      const { endpoint, path, headers } = extensionRequest(request);
      const outcome = await exchange(endpoint, headers, "", last === undefined ? call : again, { method: "GET", path });
      if (!mayPass(outcome)) return read(outcome, request);
      // One that the end of the call cut short says nothing.
      if (last === undefined || !isOver(again)) last = outcome;
      if (isOver({ ...again, deadlineMs: again.deadlineMs - againAfterMs })) return read(last, request);
      await wait(againAfterMs, call.signal);
    }
  };
}

const isOver = ({ signal, deadlineMs }: Call): boolean => signal.aborted || Date.now() >= deadlineMs;

/** Whether it may do better later: it listens before it can serve, and says so in plain text. */
function mayPass(outcome: Answer | Failure): boolean {
  if ("failed" in outcome) return isTransient(outcome.failed);
  return isStarting(outcome);
}

const isStarting = ({ status, body }: Answer): boolean => status === 400 && /not ready to serve traffic/i.test(body);

function read(outcome: Answer | Failure, request: AwsRequest): Record<string, unknown> {
  if ("failed" in outcome) {
    const { failed } = outcome;
    const code = isTransient(failed) ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER";
    throw failure(code, `did not answer (${failed}). ${absent}`, { name: failed }, request);
  }
  const { status, body } = outcome;
  if (isStarting(outcome)) throw failure("ERR_SECRET_UNAVAILABLE", `did not start in time. ${slow}`, starting, request);
  if (status < 400 || body.startsWith("{")) return readAnswer(outcome, request);
  // In words of its own, which may name AWS's error. They are matched and not copied.
  const name = (body.slice(0, 4_000).match(/\b[A-Z][A-Za-z]+\b/g) ?? []).find((word) => awsErrors.has(word));
  if (name !== undefined) throw describeRefusal({ name, status, message: body }, request);
  if (status === 401 || status === 403) {
    const refused = "does not take the token. Check that nothing changed AWS_SESSION_TOKEN.";
    throw failure("ERR_SECRET_ACCESS_DENIED", refused, { name: "Unauthorized", status }, request);
  }
  const code = status === 429 || status >= 500 ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER";
  const why = `refused (HTTP ${status}). It says why in the function's log.`;
  throw failure(code, why, { name: "ExtensionError", status }, request);
}

const absent = "Check that its layer is in the function, and PARAMETERS_SECRETS_EXTENSION_HTTP_PORT if it is set.";
const slow = "Raise the function's memory or its timeout.";
const starting = { name: "NotReady", status: 400 };
const awsErrors: ReadonlySet<string> = new Set(rules.flatMap(({ names }) => names));

const failure = (
  code: SecretErrorCode,
  what: string,
  cause: { readonly name: string; readonly status?: number },
  request: AwsRequest,
): SecretError =>
  new SecretError(code, `${nameOf(request)}: the AWS Parameters and Secrets extension ${what}`, { cause });
