import type { LocalCredentials } from "./credentials.ts";

/** Variables that would lead a process past local AWS, to an account: not given on to a command that is run with it. */
const leadingElsewhere: RegExp =
  /^AWS_(ENDPOINT_URL_.+|IGNORE_CONFIGURED_ENDPOINT_URLS|(DEFAULT_)?PROFILE|USE_(FIPS|DUALSTACK)_ENDPOINT|CONTAINER_(CREDENTIALS|AUTHORIZATION)_.+|WEB_IDENTITY_TOKEN_FILE|ROLE_ARN|ROLE_SESSION_NAME|SECURITY_TOKEN|CREDENTIAL_EXPIRATION)$/i;

/** The variables of an environment that must go. */
export function toUnset(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(environment).filter((name) => leadingElsewhere.test(name));
}

/** Environment variables that point AWS's SDKs, its CLI and this library at a server. */
export function environmentOf(
  endpoint: string,
  region: string,
  credentials: LocalCredentials,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}
