import { createResolver, type Resolver } from "@serverless-secrets/core";
import { awsProviders } from "./providers.ts";

// Module state: made at first use, so that an import does nothing.
let resolver: Resolver | undefined;

/** The resolver behind `resolve`, `resolveAll`, `forget` and the Middy middleware: all AWS schemes, all defaults. */
export function defaultResolver(): Resolver {
  resolver ??= createResolver({ providers: awsProviders() });
  return resolver;
}

/**
 * One secret, from the cache or from AWS.
 *
 * A bare reference knows no name: a `?name=` in it is not compared with any. `text(reference, { name })` does.
 * @param secret a reference, or one read in another way by `text`, `bytes` or `json`
 * @param options `deadlineMs`: when to stop waiting, in ms since the epoch
 * @throws SecretError (as a rejection), each by the code that fits
 */
export const resolve: Resolver["resolve"] = (secret, options) => defaultResolver().resolve(secret, options);

/**
 * A set of secrets, all asked for at once; the result conceals them until they are read.
 * @param secrets references by the names the code uses
 * @param options `deadlineMs`: when to stop waiting, in ms since the epoch
 * @throws SecretError (as a rejection) one for all that failed
 */
export const resolveAll: Resolver["resolveAll"] = (secrets, options) => defaultResolver().resolveAll(secrets, options);

/**
 * Drops a value from the cache, so that its next use fetches it afresh.
 * @param secret the reference; the values of all pointers into it and all readings of it go
 * @param sentBeforeMs only what was asked for at or before this time, in ms since the epoch; default: all
 * @throws SecretError `ERR_SECRET_REFERENCE`, `ERR_SECRET_SCHEME`
 */
export const forget: Resolver["forget"] = (secret, sentBeforeMs) => defaultResolver().forget(secret, sentBeforeMs);
