import type { MiddlewareObj, Request } from "@middy/core";
import { type InvocationOptions, perInvocation, type SecretsContext } from "@serverless-secrets/aws/invocation";
import { type Resolver, SecretError, type Secrets } from "@serverless-secrets/core";

export type { InvocationOptions, SecretsContext } from "@serverless-secrets/aws/invocation";

/** A Middy middleware that puts secrets on the context before the handler runs. */
export interface SecretsMiddleware<S extends Secrets, Key extends string>
  extends MiddlewareObj<unknown, unknown, Error, SecretsContext<S, Key>> {
  readonly before: (request: Request<unknown, unknown, Error, SecretsContext<S, Key>>) => Promise<void> | undefined;
  /**
   * A handler that survives a rotation, for `.handler(db.rotating(…))`: when it throws what `isAuthenticationError` takes for
   * a refused secret, the secrets are fetched afresh, put on the context, and it runs again, within the deadline.
   * @throws SecretError `ERR_SECRET_PROVIDER` without the option `isAuthenticationError`
   */
  readonly rotating: <Event, Context extends SecretsContext<S, Key>, Result>(
    handler: (event: Event, context: Context) => Result | Promise<Result>,
  ) => (event: Event, context: Context) => Promise<Result>;
}

/**
 * The Middy middleware for a resolver of one's own.
 *
 * For module scope. Before each invocation it puts the secrets on `context[contextKey]`, from the cache where it may; if
 * one cannot be had, the invocation fails before the handler runs.
 * @param resolver who resolves
 * @param refs references by the names the handler uses
 * @param options `contextKey`, default `secrets`; `prefetch`, default: when running in Lambda; `isAuthenticationError`, for
 * `rotating`, default never
 * @throws SecretError at once, for what can be known at once: `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and
 * `ERR_SECRET_INTEGRITY` for a bound name that is another; later from `before`, each by the code that fits
 */
export function secrets<const S extends Secrets, const Key extends string = "secrets">(
  resolver: Resolver,
  refs: S,
  options: InvocationOptions<Key> = {},
): SecretsMiddleware<S, Key> {
  const invocation = perInvocation(resolver, refs, options);
  return {
    before: ({ context }) => invocation.prepare(context),
    // Of a handler that is not wrapped: this invocation fails, and the next one has fresh secrets.
    onError: ({ error, context }) => invocation.refreshAfter(error, context),
    rotating(handler) {
      if (options.isAuthenticationError === undefined) {
        throw new SecretError("ERR_SECRET_PROVIDER", "rotating needs the option isAuthenticationError of secrets().");
      }
      return (event, context) => invocation.run(context, () => handler(event, context));
    },
  };
}
