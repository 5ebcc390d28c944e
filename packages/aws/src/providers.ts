import type { AwsClients, CredentialSource } from "@serverless-secrets/aws-client";
import type { Provider } from "@serverless-secrets/core";
import { kms } from "@serverless-secrets/provider-kms";

/** Options of all AWS providers. */
export interface AwsProvidersOptions {
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /** Where multi-Region keys are called; default: where their reference says. */
  readonly region?: string;
  /** Sends the requests, instead of the built-in client. */
  readonly clients?: AwsClients;
}

// Module state: without options there is one array, so that every resolver made of it shares its providers' cache.
let defaults: readonly Provider[] | undefined;

/**
 * The providers of the AWS schemes, for `createResolver`: `kms`.
 * @param options left out: always the same array, whose cache `resolve`, `resolveAll` and the Middy middleware share
 */
export function awsProviders(options?: AwsProvidersOptions): readonly Provider[] {
  if (options !== undefined) return [kms(options)];
  defaults ??= [kms()];
  return defaults;
}
