import { base64Bytes } from "@serverless-secrets/aws-client";
import { SecretError, type SecretValue } from "@serverless-secrets/core";
import type { SecretsManagerTarget } from "./target.ts";

/** A member of an answer of Secrets Manager's: of one by GetSecretValue the whole. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * The value in an answer.
 * @throws SecretError `ERR_SECRET_VALUE`: there is none
 */
export function secretOf({ SecretString, SecretBinary }: Answer): SecretValue {
  if (typeof SecretString === "string") return SecretString;
  const bytes = base64Bytes(SecretBinary);
  if (bytes !== undefined) return bytes;
  throw new SecretError("ERR_SECRET_VALUE", "that version of the secret has no value. Put one (put-secret-value).");
}

/** Whether Secrets Manager means a target by a name or an ARN; the target may have it by name, ARN, or ARN without the six
 * random characters. */
export function isNamed({ secretId }: Pick<SecretsManagerTarget, "secretId">, text: unknown): boolean {
  if (typeof text !== "string") return false;
  if (text === secretId) return true;
  if (!text.startsWith("arn:")) return false; // The last six characters of a name are part of it.
  const short = text.replace(/-[A-Za-z0-9]{6}$/, "");
  return short === secretId || /^arn:(?:[^:]*:){4}secret:(.*)$/.exec(short)?.[1] === secretId;
}
