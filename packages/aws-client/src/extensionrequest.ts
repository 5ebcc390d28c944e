import { SecretError } from "@serverless-secrets/core";
import type { Endpoint } from "./endpoint.ts";
import type { AwsRequest } from "./request.ts";

/** What the AWS Parameters and Secrets extension is asked for: a path with its query, and headers. */
export interface ExtensionRequest {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Puts a request as the extension takes it. The environment is read at the call.
 * @throws SecretError `ERR_SECRET_PROVIDER`: an operation or a region that it does not read, or an environment without a port
 *   or a token; nothing is quoted
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
 */
export function extensionRequest(request: AwsRequest): ExtensionRequest {
  const path = paths[request.operation]?.(request.input as Input);
  if (path === undefined) throw cannot(`it cannot ${request.operation}`);
  const { env } = process;
  const own = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"];
  if (own && own !== request.region) {
    throw cannot('it reads from the function\'s own region alone. Read this one without via: "extension"');
  }
  const port = Number(env["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] || 2773);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw cannot("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT is no port. Write a number such as 2773");
  }
  // The second is SnapStart's, which sets no AWS_SESSION_TOKEN.
  const token = env["AWS_SESSION_TOKEN"] || env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  if (!token) throw cannot("AWS_SESSION_TOKEN, which it asks for, is not set. Lambda sets it");
  // A line break would begin a header of its own.
  if (!/^[!-~]+$/.test(token)) throw cannot("AWS_SESSION_TOKEN holds what no header may hold. Set it again");
  const host = `localhost:${port}`;
  return {
    endpoint: { protocol: "http:", hostname: "localhost", port, host },
    path,
    headers: { host, "x-aws-parameters-secrets-token": token },
  };
}

type Input = Readonly<Record<string, unknown>>;

// By operation; each takes the operation's own input.
const paths: { readonly [operation: string]: (input: Input) => string } = {
  GetSecretValue: ({ SecretId, VersionId, VersionStage }) =>
    `/secretsmanager/get?${query({ secretId: SecretId, versionId: VersionId, versionStage: VersionStage })}`,
  GetParameter: ({ Name }) => {
    // A version or a label is a parameter of its own. The colons of an ARN come before its last slash.
    const [, name, selector] = /^(.*?)(?::([^:/]+))?$/.exec(String(Name)) ?? [];
    const version = /^\d+$/.test(selector ?? "");
    const chosen = version ? { version: selector } : { label: selector };
    return `/systemsmanager/parameters/get/?${query({ name, withDecryption: "true", ...chosen })}`;
  },
};

const query = (parameters: Input): string =>
  new URLSearchParams(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();

const cannot = (why: string): SecretError =>
  new SecretError("ERR_SECRET_PROVIDER", `the AWS Parameters and Secrets extension cannot be used: ${why}.`);
