export {
  bytes,
  isSecretError,
  json,
  pick,
  type Resolved,
  reveal,
  type Secret,
  SecretError,
  type SecretErrorCode,
  type Secrets,
  text,
} from "@serverless-secrets/core";
export { type AwsProvidersOptions, awsProviders } from "./providers.ts";
export { defaultResolver, forget, resolve, resolveAll } from "./resolver.ts";
