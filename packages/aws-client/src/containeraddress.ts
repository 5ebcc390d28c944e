import { SecretError } from "@serverless-secrets/core";
import { type Endpoint, isLoopback } from "./endpoint.ts";
import { safeName } from "./name.ts";

/** Where a container finds its credentials. */
export interface ContainerAddress {
  /** Its `variable` is the one that named it. */
  readonly endpoint: Endpoint;
  /** With its query. */
  readonly path: string;
}

/**
 * Where this container finds its credentials: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` on 169.254.170.2 (ECS, Fargate), then
 * `AWS_CONTAINER_CREDENTIALS_FULL_URI` (Lambda SnapStart, EKS). The environment is read at the call.
 * @returns undefined where neither is set
 * @throws SecretError `ERR_SECRET_PROVIDER`: what is set is no address that credentials may come from; it is not quoted
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function containerAddress(): ContainerAddress | undefined {
  const relative = process.env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = process.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (relative) {
    // What does not begin so would go on with the host's name, or end it in an @.
    const text = relative.startsWith("/") ? `http://169.254.170.2${relative}` : "";
    return parse(text, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "Write it as a path that begins with a slash.");
  }
  return full ? parse(full, "AWS_CONTAINER_CREDENTIALS_FULL_URI", allowed) : undefined;
}

const allowed =
  "Write https://…, or http://… to loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23], without a user name.";
const containerHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

function parse(text: string, variable: string, cure: string): ContainerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const { protocol, hostname = "" } = url ?? {};
  const plain = protocol === "http:" && (containerHosts.includes(hostname) || isLoopback(hostname));
  if (url === undefined || url.username || url.password || (protocol !== "https:" && !plain)) {
    throw new SecretError("ERR_SECRET_PROVIDER", `${variable} is no address that credentials may come from. ${cure}`);
  }
  const endpoint: Endpoint = {
    protocol: plain ? "http:" : "https:",
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port) || (plain ? 80 : 443),
    host: url.host,
    variable,
  };
  return { endpoint, path: url.pathname + url.search };
}

/**
 * What a container shows to get its credentials: the content of the file that `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names,
 * which is renewed now and then and so read at each call, else `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
 * @returns undefined where neither is set
 * @throws SecretError `ERR_SECRET_PROVIDER`: the file cannot be read, or the token holds what no header may; nothing is quoted
 */
export async function containerToken(): Promise<string | undefined> {
  const path = process.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const variable = `AWS_CONTAINER_AUTHORIZATION_TOKEN${path ? "_FILE" : ""}`;
  const token = path ? await read(path, variable) : process.env[variable];
  if (!token && !path) return undefined;
  // A line break would begin a header of its own.
  if (token && /^[!-~]+( [!-~]+)*$/.test(token)) return token;
  throw new SecretError(
    "ERR_SECRET_PROVIDER",
    `the token of ${variable} is empty, or holds a line break or another character that no header may hold. Write it again, without one at its end.`,
  );
}

async function read(path: string, variable: string): Promise<string> {
  try {
    return await process.getBuiltinModule("node:fs/promises").readFile(path, "utf8");
  } catch (error) {
    const name = safeName(error);
    throw new SecretError(
      "ERR_SECRET_PROVIDER",
      `the file that ${variable} names cannot be read (${name}). Check that it is there, and who may read it.`,
      { cause: { name } },
    );
  }
}
