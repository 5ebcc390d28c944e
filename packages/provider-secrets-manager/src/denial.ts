import { isSecretError, SecretError } from "@serverless-secrets/core";

/**
 * Says what a denial may mean besides. Of a secret that is not there AWS asks permission on its mere name, which no policy on
 * ARNs gives; and of a KMS key it says that "access to KMS is not allowed", not which.
 * @returns the error, with these meanings where AWS did not name the secret's own ARN; any other as it is
 */
export function explainDenial(error: unknown, secretId: string): unknown {
  if (!isSecretError(error) || !error.detail.includes(` on ${secretId} (AccessDeniedException)`)) return error;
  const besides =
    "AWS says so too where there is no such secret, and where the role may not use the KMS key behind it.";
  return new SecretError(error.code, `${error.detail} ${besides}`, { cause: error.cause });
}
