import type { MiddlewareObj, Request } from "@middy/core";
import type { Resolved, Resolver, Secrets } from "@serverless-secrets/core";
import type { Context } from "aws-lambda";
import { put } from "./record.ts";

/** Options of `secrets`. */
export interface SecretsOptions<Key extends string = string> {
  /** Where on `context` the secrets are put. Default `secrets`. */
  readonly contextKey?: Key;
  /**
   * Whether to fetch at once, while the function initialises. Default: only when running in Lambda, and not where a
   * SnapStart snapshot would share what was fetched.
   */
  readonly prefetch?: boolean;
}

/** The Lambda context with the secrets on it. */
export type SecretsContext<S extends Secrets, Key extends string> = Context & { readonly [K in Key]: Resolved<S> };

/** A Middy middleware that puts secrets on the context before the handler runs. */
export interface SecretsMiddleware<S extends Secrets, Key extends string>
  extends MiddlewareObj<unknown, unknown, Error, SecretsContext<S, Key>> {
  readonly before: (request: Request<unknown, unknown, Error, SecretsContext<S, Key>>) => Promise<void> | undefined;
}

/** What is left of an invocation's time for its error to be reported. */
const reserveMs = 200;

/**
 * The Middy middleware for a resolver of one's own.
 *
 * For module scope. Before each invocation it puts the secrets on `context[contextKey]`, from the cache where it may; if
 * one cannot be had, the invocation fails before the handler runs.
 * @param resolver who resolves
 * @param refs references by the names the handler uses
 * @throws SecretError at once, for what can be known at once: `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and
 * `ERR_SECRET_INTEGRITY` for a bound name that is another; later from `before`, each by the code that fits
 */
export function secrets<const S extends Secrets, const Key extends string = "secrets">(
  resolver: Resolver,
  refs: S,
  { contextKey = "secrets" as Key, prefetch = initialisesForOneContainer() }: SecretsOptions<Key> = {},
): SecretsMiddleware<S, Key> {
  const prepared = resolver.prepare(refs);
  // Whoever needs it asks again, so a prefetch that failed or froze is no error.
  if (prefetch) prepared.load().catch(() => {});
  return {
    before({ context }) {
      const values = prepared.current();
      if (values === undefined) {
        return prepared.load({ deadlineMs: deadlineOf(context) }).then((late) => put(context, contextKey, refs, late));
      }
      put(context, contextKey, refs, values);
      return undefined;
    },
  };
}

function initialisesForOneContainer(): boolean {
  const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_INITIALIZATION_TYPE } = process.env;
  return AWS_LAMBDA_RUNTIME_API !== undefined && AWS_LAMBDA_INITIALIZATION_TYPE !== "snap-start";
}

/** In ms since the epoch; none where the context is a test's and tells no time. */
function deadlineOf(context: Partial<Context>): number | undefined {
  const remainingMs = context.getRemainingTimeInMillis?.();
  return remainingMs === undefined ? undefined : Date.now() + remainingMs - reserveMs;
}
