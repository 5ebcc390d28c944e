import type { CredentialSource } from "./credentials.ts";
import { direct } from "./direct.ts";
import type { AwsClients } from "./request.ts";

/** What each provider's options say of how its requests are sent. */
export interface SenderOptions {
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource | undefined;
  /** Sends the requests, instead of the built-in client. */
  readonly clients?: AwsClients | undefined;
}

/** What sends a provider's requests: what its options say, else the built-in client. */
export function senderOf({ clients, credentials }: SenderOptions): AwsClients {
  return clients ?? direct(credentials === undefined ? {} : { credentials });
}
