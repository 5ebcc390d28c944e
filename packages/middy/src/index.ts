import { defaultResolver } from "@serverless-secrets/aws";
import type { Secrets } from "@serverless-secrets/core";
import { secrets as customSecrets, type InvocationOptions, type SecretsMiddleware } from "./custom.ts";

export { bytes, fromEnv, isSecretError, json, pick, reveal, SecretError, text } from "@serverless-secrets/core";
export type { InvocationOptions, SecretsContext, SecretsMiddleware } from "./custom.ts";

/**
 * A Middy middleware that puts secrets from AWS on `context.secrets`, typed from its argument; never into `process.env`.
 *
 * For module scope. They are fetched once per container, at once where it runs in Lambda, and served from memory until
 * they may have changed. If one cannot be had, the invocation fails before the handler runs.
 * @param refs references by the names the handler uses, e.g. `{ db: "kms::…" }`; of a manifest best
 * `pick(manifest, "db", "token")`
 * @param options `contextKey`, default `secrets`; `prefetch`, default: when running in Lambda;
 * `isAuthenticationError`, for its `rotating`, default never
 * @throws SecretError at once, for what can be known at once: `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and
 * `ERR_SECRET_INTEGRITY` for a bound name that is another; later from `before`, each by the code that fits
 */
export function secrets<const S extends Secrets, const Key extends string = "secrets">(
  refs: S,
  options?: InvocationOptions<Key>,
): SecretsMiddleware<S, Key> {
  return customSecrets(defaultResolver(), refs, options);
}
