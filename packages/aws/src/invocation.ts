import {
  type LoadOptions,
  type Resolved,
  type Resolver,
  type RotationOptions,
  runRotating,
  type Secrets,
} from "@serverless-secrets/core";
import type { Context } from "aws-lambda";
import { put } from "./record.ts";

/** The Lambda context with the secrets on it. */
export type SecretsContext<S extends Secrets, Key extends string = "secrets"> = Context & {
  readonly [K in Key]: Resolved<S>;
};

/** Options of what puts secrets on the context of each invocation. */
export interface InvocationOptions<Key extends string = string> {
  /** Where on `context` the secrets are put. Default `secrets`. */
  readonly contextKey?: Key;
  /**
   * Whether to fetch at once, while the function initialises. Default: only when running in Lambda, and not where a
   * SnapStart snapshot would share what was fetched.
   */
  readonly prefetch?: boolean;
  /** Whether what a handler threw means that a secret was refused: then it runs again with fresh ones. Default: never. */
  readonly isAuthenticationError?: RotationOptions["isAuthenticationError"];
  /** How long such a handler waits for the store to give another value than the refused one, in ms. Default 10,000. */
  readonly patienceMs?: number;
}

/** A set of secrets, made ready for invocations. */
export interface Invocation {
  /** Puts the secrets on a context. Warm it gives undefined, so that nothing need be awaited. */
  readonly prepare: (context: object) => Promise<void> | undefined;
  /** After an error that means a refused secret, fetches afresh for the next invocation. It never rejects. */
  readonly refreshAfter: (error: unknown, context: object) => Promise<void> | undefined;
  /** Puts the secrets on a context and runs; where one is refused, fetches it afresh and runs again, within the deadline. */
  readonly run: <R>(context: object, run: () => R | Promise<R>) => Promise<R>;
}

/** What is left of an invocation's time for its error to be reported. */
const reserveMs = 200;

/**
 * Makes a set of secrets ready for the invocations of a function: what is behind `withSecrets` and the Middy middleware. For
 * module scope.
 * @throws SecretError at once, for what can be known at once: `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`, and
 * `ERR_SECRET_INTEGRITY` for a bound name that is another
 */
export function perInvocation(resolver: Resolver, refs: Secrets, options: InvocationOptions = {}): Invocation {
  const {
    contextKey = "secrets",
    prefetch = initialisesForOneContainer(),
    isAuthenticationError,
    patienceMs,
  } = options;
  const prepared = resolver.prepare(refs);
  // Whoever needs it asks again, so a prefetch that failed or froze is no error.
  if (prefetch) prepared.load().catch(() => {});
  const prepare = (context: object): Promise<void> | undefined => {
    const values = prepared.current();
    if (values === undefined) {
      return prepared.load(deadlineOf(context)).then((late) => put(context, contextKey, refs, late));
    }
    put(context, contextKey, refs, values);
    return undefined;
  };
  return {
    prepare,
    refreshAfter(error, context) {
      if (isAuthenticationError?.(error) !== true) return undefined;
      return prepared.reload(Date.now(), deadlineOf(context)).then(
        () => {},
        () => {},
      );
    },
    async run(context, run) {
      if (isAuthenticationError === undefined) {
        await prepare(context);
        return run();
      }
      const attempt = (values: object) => {
        put(context, contextKey, refs, values);
        return run();
      };
      return runRotating(prepared, attempt, {
        isAuthenticationError,
        ...(patienceMs !== undefined && { patienceMs }),
        ...deadlineOf(context),
      });
    },
  };
}

function initialisesForOneContainer(): boolean {
  const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_INITIALIZATION_TYPE } = process.env;
  return AWS_LAMBDA_RUNTIME_API !== undefined && AWS_LAMBDA_INITIALIZATION_TYPE !== "snap-start";
}

/** None where the context is a test's and tells no time. */
function deadlineOf(context: Partial<Context>): LoadOptions {
  const remainingMs = context.getRemainingTimeInMillis?.();
  return Number.isFinite(remainingMs) ? { deadlineMs: Date.now() + Number(remainingMs) - reserveMs } : {};
}
