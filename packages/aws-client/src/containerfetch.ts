import { type Call, SecretError, type SecretErrorCode } from "@serverless-secrets/core";
import { type ContainerAddress, containerToken } from "./containeraddress.ts";
import type { TemporaryCredentials } from "./credentials.ts";
import { askedDelayMs } from "./delay.ts";
import { exchange } from "./exchange.ts";
import type { HostState } from "./host.ts";
import type { Answer } from "./outcome.ts";
import { dropIdle } from "./pool.ts";
import { failureRemedy, type Remedy } from "./remedy.ts";
import { retry, type Tried } from "./retry.ts";
import { isTransient } from "./transient.ts";

/**
 * Asks a container's endpoint for its credentials; what may pass by itself is tried again until the deadline.
 * @throws SecretError `ERR_SECRET_UNAVAILABLE`: no answer, status 429 or 5xx. `ERR_SECRET_ACCESS_DENIED`: it refuses.
 *   `ERR_SECRET_PROVIDER`: the token or the answer is malformed. Nothing of either is quoted
 */
export function fetchCredentials(
  address: ContainerAddress,
  host: HostState,
  deadlineMs: number,
): Promise<TemporaryCredentials> {
  const call = { signal: new AbortController().signal, deadlineMs, background: false };
  return retry((within) => fetchOnce(address, within), host, call);
}

async function fetchOnce(
  { endpoint, path }: ContainerAddress,
  call: Pick<Call, "signal" | "deadlineMs">,
): Promise<Tried<TemporaryCredentials>> {
  const token = await containerToken();
  const headers = { host: endpoint.host, ...(token !== undefined && { authorization: token }) };
  const outcome = await exchange(endpoint, headers, "", call, { method: "GET", path });
  const source = `the container's credentials endpoint, which ${endpoint.variable} names,`;
  if ("failed" in outcome) {
    const { failed } = outcome;
    const remedy = failureRemedy(outcome, true);
    if (remedy === "reconnect") dropIdle(endpoint);
    const code = isTransient(failed) ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER";
    const detail = `${source} gave no answer (${failed}). Check that it can be reached from here.`;
    return { error: new SecretError(code, detail, { cause: { name: failed } }), remedy };
  }
  const value = outcome.status === 200 ? parse(outcome.body) : undefined;
  if (value !== undefined) return { value };
  const { code, remedy, what } = judge(outcome);
  const name = outcome.status === 200 ? "MalformedAnswer" : "Refused";
  const error = new SecretError(code, `${source} ${what}`, { cause: { name, status: outcome.status } });
  return { error, remedy, askedMs: askedDelayMs(outcome.headers) };
}

function judge({ status }: Answer): { readonly code: SecretErrorCode; readonly remedy: Remedy; readonly what: string } {
  if (status === 429 || status >= 500) {
    const what = `failed (HTTP ${status}). It may pass by itself; where it does not, check that endpoint's own log.`;
    return { code: "ERR_SECRET_UNAVAILABLE", remedy: status === 429 ? "muchlater" : "later", what };
  }
  if (status >= 400) {
    const what = `refused to give them (HTTP ${status}). Check the container's role and its AWS_CONTAINER_AUTHORIZATION_TOKEN or …_TOKEN_FILE.`;
    return { code: "ERR_SECRET_ACCESS_DENIED", remedy: "none", what };
  }
  const what = `answered with something else than credentials (HTTP ${status}). Check that address.`;
  return { code: "ERR_SECRET_PROVIDER", remedy: "none", what };
}

function parse(body: string): TemporaryCredentials | undefined {
  try {
    const answer = Object(JSON.parse(body)) as Partial<Record<string, unknown>>;
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = answer;
    const parts = [AccessKeyId, SecretAccessKey, Token, Expiration];
    if (!parts.every((part): part is string => typeof part === "string")) return undefined;
    const [accessKeyId = "", secretAccessKey = "", sessionToken = "", expiration = ""] = parts;
    // What no header can hold is not kept either: it would be in the way until it expires.
    if (![accessKeyId, secretAccessKey, sessionToken].every((part) => /^[!-~]+$/.test(part))) return undefined;
    const expiresMs = Date.parse(expiration);
    return Number.isNaN(expiresMs) ? undefined : { accessKeyId, secretAccessKey, sessionToken, expiresMs };
  } catch {
    // V8's message quotes the body.
    return undefined;
  }
}
