import type { AwsClients, CredentialSource } from "@serverless-secrets/aws-client";
import { type Provider, SecretError } from "@serverless-secrets/core";
import { credstash } from "@serverless-secrets/provider-credstash";
import { type KmsFileOptions, kms, kmsfile } from "@serverless-secrets/provider-kms";
import { secretsManager } from "@serverless-secrets/provider-secrets-manager";
import { ssm } from "@serverless-secrets/provider-ssm";

/** Options of all AWS providers. */
export interface AwsProvidersOptions {
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /**
   * The region to read in, where a reference leaves that open: where secrets, parameters and tables without `?region=` are
   * (default: `AWS_REGION`, then `AWS_DEFAULT_REGION`), and where multi-Region keys are called (default: where their ARN says). An ARN
   * of anything else is read where it is.
   */
  readonly region?: string;
  /** Sends the requests, instead of the built-in client. */
  readonly clients?: AwsClients;
  /** `extension`: secrets and parameters are read through the AWS Parameters and Secrets extension. KMS and DynamoDB are called as ever. */
  readonly via?: "extension";
  /** Where the files of `kmsfile::` are, and which of version 2 of the plugin may be read; see `kmsfile`. */
  readonly kmsfile?: Pick<KmsFileOptions, "root" | "allowUnauthenticated">;
}

// Module state: without options there is one array, so that every resolver made of it shares its providers' cache.
let defaults: readonly Provider[] | undefined;

/**
 * The providers of the AWS schemes, for `createResolver`: `kms`, `kmsfile`, `secretsmanager`, `ssm`, `credstash`.
 * @param options left out: always the same array, whose cache `resolve`, `resolveAll` and the Middy middleware share
 */
export function awsProviders(options?: AwsProvidersOptions): readonly Provider[] {
  if (options !== undefined) return make(options);
  defaults ??= make({});
  return defaults;
}

function make({ kmsfile: files, ...options }: AwsProvidersOptions): readonly Provider[] {
  if (options.via !== undefined && options.via !== "extension") {
    throw new SecretError("ERR_SECRET_PROVIDER", 'via is "extension", or left out.');
  }
  return [kms(options), kmsfile({ ...options, ...files }), secretsManager(options), ssm(options), credstash(options)];
}
