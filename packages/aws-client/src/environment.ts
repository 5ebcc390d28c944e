import { SecretError } from "@serverless-secrets/core";
import type { AwsCredentials } from "./credentials.ts";
import { sdkInstead } from "./sdkinstead.ts";

/**
 * The credentials of the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, of a session, `AWS_SESSION_TOKEN`.
 * @returns undefined where one of the first two is unset or empty
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
 */
export function environmentCredentials(): AwsCredentials | undefined {
  const accessKeyId = process.env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = process.env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = process.env["AWS_SESSION_TOKEN"];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
}

/**
 * Says why the environment gives no credentials, and what cures it.
 * @throws SecretError `ERR_SECRET_ACCESS_DENIED`, always
 */
export function refuseEnvironment(): never {
  throw new SecretError("ERR_SECRET_ACCESS_DENIED", `there are no AWS credentials to sign with: ${why()}`);
}

const onLaptop = 'On a laptop run: eval "$(aws configure export-credentials --format env)"';

function why(): string {
  const isSet = (variable: string): boolean => Boolean(process.env[variable]);
  if (isSet("AWS_PROFILE")) return `AWS_PROFILE is set, but profiles are not read here. ${onLaptop} - or ${sdkInstead}`;
  const missing = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].filter((variable) => !isSet(variable));
  return `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set. ${onLaptop}`;
}
