import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { algorithm, readAuthorization } from "./authorization.ts";
import { checkDate } from "./date.ts";
import { type AwsError, awsError } from "./error.ts";

/**
 * Verifies AWS Signature Version 4, written from AWS's documentation alone. It shares no code with the library's signer:
 * a mistake made in both would need to be made twice.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export interface SignedRequest {
  readonly method: string;
  /** The path of the request line, in canonical form. This server knows only `/`, and no query. */
  readonly path: string;
  /** Headers as they came, duplicates and all. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What a signature is checked against. */
export interface Expected {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Left out where the credentials are long-term ones, which have none. */
  readonly sessionToken?: string;
  /** The name a service signs with, such as `kms`. */
  readonly service: string;
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: number;
}

const region = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/**
 * Checks a request's signature and gives the region that it was signed for.
 *
 * @throws AwsError `MissingAuthenticationTokenException`, `IncompleteSignatureException` (the header does not read),
 *   `UnrecognizedClientException` (another access key or session token), `InvalidSignatureException` (anything else).
 */
export function verifySignature(request: SignedRequest, expected: Expected): string {
  const headers = joined(request.headers);
  const given = readAuthorization(headers.get("authorization"));
  const [accessKeyId, date, scopeRegion, service, terminator, ...rest] = given.credential.split("/");
  if (!date || !scopeRegion || !service || !terminator || rest.length > 0) {
    throw awsError("IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements.");
  }
  if (!same(accessKeyId ?? "", expected.accessKeyId)) throw unrecognized();
  if (!same(headers.get("x-amz-security-token") ?? "", expected.sessionToken ?? "")) throw unrecognized();

  const time = headers.get("x-amz-date");
  checkDate(time, expected.nowMs);
  if (date !== time.slice(0, 8)) {
    const dates = `'${date}' != '${time.slice(0, 8)}', from '${time}'`;
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${dates}.`,
    );
  }
  if (!region.test(scopeRegion)) throw invalid("Credential should be scoped to a valid region.");
  if (service !== expected.service) {
    throw invalid(`Credential should be scoped to correct service: '${expected.service}'.`);
  }
  if (terminator !== "aws4_request")
    throw invalid("Credential should be scoped with a valid terminator: 'aws4_request'.");

  const signed = signedHeaders(given.signedHeaders, headers);
  const bodyHash = sha256(request.body);
  const claimed = headers.get("x-amz-content-sha256");
  if (claimed !== undefined && claimed !== bodyHash) throw invalid(mismatch);

  const canonical = [
    request.method,
    request.path,
    "",
    ...signed.map((name) => `${name}:${headers.get(name)?.replace(/ +/g, " ")}`),
    "",
    signed.join(";"),
    bodyHash,
  ].join("\n");
  const scope = `${date}/${scopeRegion}/${service}/aws4_request`;
  const toSign = [algorithm, time, scope, sha256(canonical)].join("\n");
  const key = [date, scopeRegion, service, "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${expected.secretAccessKey}`,
  );
  if (!same(given.signature, hmac(key, toSign).toString("hex"))) throw invalid(mismatch);
  return scopeRegion;
}

const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and " +
  "signing method. Consult the service documentation for details.";

const invalid = (message: string): AwsError => awsError("InvalidSignatureException", message);
const unrecognized = (): AwsError =>
  awsError("UnrecognizedClientException", "The security token included in the request is invalid.");

/** A header sent twice counts as one, its values joined: what is checked is then what every reader sees. */
function joined(pairs: SignedRequest["headers"]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    const before = headers.get(lower);
    headers.set(lower, before === undefined ? value.trim() : `${before},${value.trim()}`);
  }
  return headers;
}

/** Sorted anew, never taken over: a list in another order than AWS's does not verify here either. */
function signedHeaders(list: string, headers: ReadonlyMap<string, string>): readonly string[] {
  const signed = [...new Set(list.toLowerCase().split(";"))].sort();
  const needed = [...headers.keys()].filter((name) => name.startsWith("x-amz-") || name === "content-type");
  for (const name of ["host", ...needed]) {
    if (!signed.includes(name)) throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  if (!signed.every((name) => headers.has(name))) throw invalid(mismatch);
  return signed;
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** Hashed first, so that neither content nor length shows in the time. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
