import { awsError } from "./error.ts";

/** The one algorithm of AWS's JSON services. */
export const algorithm = "AWS4-HMAC-SHA256";

/** The three parts of an Authorization header, as they stand. */
export interface Authorization {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

/** @throws AwsError `MissingAuthenticationTokenException`, `IncompleteSignatureException`. */
export function readAuthorization(header: string | undefined): Authorization {
  if (!header?.startsWith(`${algorithm} `)) {
    throw awsError("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  const parts = header.slice(algorithm.length + 1).split(",");
  const values = new Map(
    parts.map((part) => [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1)]),
  );
  const missing = ["Credential", "Signature", "SignedHeaders"].filter((name) => !values.get(name));
  if (missing.length > 0 || values.size !== 3 || parts.length !== 3) {
    const names = missing.map((name) => `Authorization header requires '${name}' parameter.`).join(" ");
    throw awsError("IncompleteSignatureException", names || "Authorization header does not read.");
  }
  const [credential = "", signature = "", signedHeaders = ""] = ["Credential", "Signature", "SignedHeaders"].map(
    (name) => values.get(name)?.trim(),
  );
  return { credential, signedHeaders, signature };
}
