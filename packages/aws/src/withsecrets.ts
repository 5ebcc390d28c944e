import { SecretError, type Secrets } from "@serverless-secrets/core";
import type { Context } from "aws-lambda";
import { type InvocationOptions, perInvocation, type SecretsContext } from "./invocation.ts";
import { defaultResolver } from "./resolver.ts";

/**
 * A Lambda handler that finds its secrets on `context.secrets`, typed from the first argument; for those who use no Middy.
 *
 * For module scope. They are fetched once per container, at once where it runs in Lambda, and served from memory until
 * they may have changed. If one cannot be had, the invocation fails before the handler runs.
 * @param refs references by the names the handler uses, e.g. `{ db: "kms::…" }`
 * @param handler gets the event and the context with the secrets
 * @param options `contextKey`, default `secrets`; `prefetch`, default: when running in Lambda; `isAuthenticationError`: run
 * the handler again with fresh secrets when it throws this, default never
 * @throws SecretError at once, for what can be known at once: `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and
 * `ERR_SECRET_INTEGRITY` for a bound name that is another; later from the handler, each by the code that fits
 */
export function withSecrets<const S extends Secrets, Event, Result, const Key extends string = "secrets">(
  refs: S,
  handler: (event: Event, context: SecretsContext<S, Key>) => Result | Promise<Result>,
  options: InvocationOptions<Key> = {},
): (event: Event, context: Context) => Promise<Result> {
  if (typeof handler !== "function") {
    throw new SecretError("ERR_SECRET_PROVIDER", "withSecrets takes the references, then the handler.");
  }
  const invocation = perInvocation(defaultResolver(), refs, options);
  return (event, context) => invocation.run(context, () => handler(event, context as SecretsContext<S, Key>));
}
