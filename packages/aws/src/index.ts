export {
  bytes,
  createResolver,
  fromEnv,
  isSecretError,
  json,
  pick,
  type Resolved,
  type Resolver,
  type ResolverOptions,
  reveal,
  type Secret,
  SecretError,
  type SecretErrorCode,
  type Secrets,
  text,
} from "@serverless-secrets/core";
export type { InvocationOptions, SecretsContext } from "./invocation.ts";
export { type AwsProvidersOptions, awsProviders } from "./providers.ts";
export { defaultResolver, forget, resolve, resolveAll } from "./resolver.ts";
export { type RunRotating, rotating } from "./rotating.ts";
export { withSecrets } from "./withsecrets.ts";
