import { createHash, createHmac } from "node:crypto";
import type { AwsCredentials } from "./credentials.ts";

/** A POST to `/` without a query: all that the AWS JSON protocol sends. */
export interface Signable {
  /** The `Host` header, with the port where it is not the protocol's own. */
  readonly host: string;
  /** Further headers to sign, their names in lower case; none that a proxy may change, such as `user-agent`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it is sent, text as UTF-8. */
  readonly body: string | Uint8Array;
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** The service's signing name, e.g. `kms`. */
  readonly service: string;
  /** When it is sent, in ms since the epoch; AWS refuses what is 5 minutes off. */
  readonly dateMs: number;
}

/**
 * Signs a request with AWS Signature Version 4.
 * @returns the headers to send: those given, and `host`, `x-amz-date`, `authorization`, with a session also
 *   `x-amz-security-token`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sign(request: Signable): Record<string, string> {
  const { credentials, region, service } = request;
  const time = new Date(request.dateMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const headers: Record<string, string> = { ...request.headers, host: request.host, "x-amz-date": time };
  if (credentials.sessionToken !== undefined) headers["x-amz-security-token"] = credentials.sessionToken;

  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]?.trim().replace(/\s+/g, " ")}\n`);
  const signed = names.join(";");
  const canonical = ["POST", "/", "", lines.join(""), signed, sha256(request.body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signature = hmac(signingKey(credentials.secretAccessKey, day, region, service), text).toString("hex");
  const credential = `${credentials.accessKeyId}/${scope}`;
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`;
  return headers;
}

/**
 * Derives the key that signs a day's requests to a service of a region.
 * @param day `YYYYMMDD`
 */
export function signingKey(secretAccessKey: string, day: string, region: string, service: string): Buffer {
  // Encoded here: Node would do it in a pool of buffers, through which other code's buffers give a view on the key.
  const start: Uint8Array = new TextEncoder().encode(`AWS4${secretAccessKey}`);
  return [day, region, service, "aws4_request"].reduce(hmac, start) as Buffer;
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
