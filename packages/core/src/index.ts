export { channels, type ErrorMessage, type FetchMessage, type HitMessage } from "./channels.ts";
export { conceal } from "./conceal.ts";
export {
  isSecretError,
  SecretError,
  type SecretErrorCause,
  type SecretErrorCode,
  type SecretErrorContext,
} from "./error.ts";
export { formatReference } from "./format.ts";
export { fromEnv } from "./fromenv.ts";
export { type Options, readOptions } from "./options.ts";
export type { LoadOptions, Prepared } from "./prepared.ts";
export type { Call, Permission, Provider, Scope, Sealer, SecretValue, Target } from "./provider.ts";
export { parseReference, type Reference } from "./reference.ts";
export { createResolver, type Resolver, type ResolverOptions } from "./resolver.ts";
export { reveal } from "./reveal.ts";
export { type RotationOptions, runRotating } from "./rotation.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./schema.ts";
export {
  bytes,
  json,
  pick,
  type Resolved,
  type Secret,
  type SecretOptions,
  type Secrets,
  text,
  type Value,
} from "./secret.ts";
