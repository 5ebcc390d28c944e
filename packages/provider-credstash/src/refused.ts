import { SecretError } from "@serverless-secrets/core";

/** The error of a reference that cannot be used; `why` quotes nothing of it. */
export const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the credstash reference cannot be used: ${why}.`);
