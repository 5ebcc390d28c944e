import type { IncomingMessage } from "node:http";
import { type Call, SecretError } from "@serverless-secrets/core";
import { readAnswer } from "./answer.ts";
import { plainWord, safeName } from "./name.ts";
import type { AwsClients, AwsRequest } from "./request.ts";

/** How long between two tries while the extension starts. */
const startupDelayMs = 50;

/** Paths by operation; each takes the operation's own input, as a query. */
const paths: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => string>> = {
  GetSecretValue: ({ SecretId, VersionId, VersionStage }) =>
    `/secretsmanager/get?${query({ secretId: SecretId, versionId: VersionId, versionStage: VersionStage })}`,
  GetParameter: ({ Name }) => {
    const [, name, selector] = /^(.*?)(?::([^:/]+))?$/.exec(String(Name)) ?? [];
    const chosen = selector === undefined ? {} : /^\d+$/.test(selector) ? { version: selector } : { label: selector };
    return `/systemsmanager/parameters/get?${query({ name, withDecryption: "true", ...chosen })}`;
  },
};

/**
 * Reads through the AWS Parameters and Secrets Lambda extension, or the Secrets Manager agent, on localhost, in place of
 * `direct()`. It reads only, only from the function's own region, and keeps what it read for its own time to live.
 *
 * Port `PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`, default 2773; token `AWS_SESSION_TOKEN`, with SnapStart
 * `AWS_CONTAINER_AUTHORIZATION_TOKEN`. While the extension starts, it is asked again until the call's deadline.
 * @throws SecretError `ERR_SECRET_UNAVAILABLE`: it does not answer. Else by AWS's error, as `direct()`
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export function extension(): AwsClients {
  return async (request, call) => {
    const path = paths[request.operation]?.(request.input as Readonly<Record<string, unknown>>);
    if (path === undefined) throw cannot(`it cannot ${request.operation}`);
    const own = process.env["AWS_REGION"];
    if (own !== undefined && own !== request.region) throw cannot(`it reads from ${own}, the function's region, alone`);
    for (;;) {
      const outcome = await get(path, call);
      if (typeof outcome === "object" && !isStarting(outcome)) return readAnswer(outcome, request);
      if (Date.now() + startupDelayMs >= call.deadlineMs || call.signal.aborted) throw unavailable(outcome, request);
      await new Promise((resolve) => setTimeout(resolve, startupDelayMs));
    }
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** One GET; gives the name of the error where there is no answer. */
function get(path: string, call: Call): Promise<Answer | string> {
  // Not imported: an ES import of node:http evaluates its lazy exports and loads undici.
  const http = process.getBuiltinModule("node:http");
  const { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, AWS_CONTAINER_AUTHORIZATION_TOKEN, AWS_SESSION_TOKEN } = process.env;
  const port = Number(PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? 2773);
  const token = AWS_SESSION_TOKEN || AWS_CONTAINER_AUTHORIZATION_TOKEN || "";
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw cannot("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT is no port");
  if (!/^[!-~]+$/.test(token)) throw cannot("AWS_SESSION_TOKEN, which it asks for, is not set");
  return new Promise((resolve) => {
    const headers = { "x-aws-parameters-secrets-token": token };
    const request = http.get({ host: "localhost", port, path, headers, signal: call.signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", (error) => resolve(safeName(error)));
      response.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    request.on("error", (error) => resolve(safeName(error)));
  });
}

// It listens before it can serve, and says so in plain text.
const isStarting = ({ status, body }: Answer): boolean => status === 400 && /not ready to serve traffic/i.test(body);

const query = (parameters: Readonly<Record<string, unknown>>): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined));

function unavailable(outcome: Answer | string, { resource }: AwsRequest): SecretError {
  const name = typeof outcome === "string" ? outcome : "NotReady";
  const of = resource === undefined ? "" : ` of ${plainWord(resource) ?? "the secret"}`;
  return new SecretError(
    "ERR_SECRET_UNAVAILABLE",
    `the AWS Parameters and Secrets extension did not answer${of} (${name}). Check that its layer is added to the function.`,
    { cause: { name } },
  );
}

const cannot = (why: string): SecretError =>
  new SecretError("ERR_SECRET_PROVIDER", `the AWS Parameters and Secrets extension cannot be used: ${why}.`);
