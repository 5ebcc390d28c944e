import { type AwsClients, type CredentialSource, senderOf } from "@serverless-secrets/aws-client";
import { clientsOf, type KmsClient } from "./client.ts";

/** Options of the sealers, and of `kms` and `kmsfile` besides. */
export interface KmsSealerOptions {
  /** Default `kms` or `kmsfile`. A second provider, for another account's credentials, needs a scheme of its own, e.g. `kms-eu`. */
  readonly scheme?: string;
  /** Where multi-Region keys (`mrk-…`) are called, e.g. `eu-west-1`; other keys are called where they are. */
  readonly region?: string;
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /** Sends the requests, instead of the built-in client. */
  readonly clients?: AwsClients;
}

/** Options of `kms`. */
export interface KmsOptions extends KmsSealerOptions {
  /** Decrypts, instead of `clients`: such as the AWS SDK's `KMS`, of the region of the references' keys. */
  readonly client?: KmsClient;
}

/** What sends the requests that read. */
export const readerOf = ({ client, ...options }: KmsOptions): AwsClients =>
  client === undefined ? senderOf(options) : clientsOf(client);
