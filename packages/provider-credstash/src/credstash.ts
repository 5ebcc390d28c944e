import { type AwsClients, type CredentialSource, senderOf } from "@serverless-secrets/aws-client";
import type { Call, Provider, SecretValue } from "@serverless-secrets/core";
import { fetchBatch, maxBatchSize } from "./batch.ts";
import { readItem } from "./item.ts";
import { open } from "./open.ts";
import { permitReads } from "./permissions.ts";
import { getItem, queryHighest } from "./read.ts";
import { type CredstashTarget, parseTarget } from "./target.ts";
import { unwrap } from "./unwrap.ts";

/** Options of `credstash`, and of `credstashSealer` besides. */
export interface CredstashOptions {
  /** Default `credstash`. A second provider, for another account's credentials, needs a scheme of its own. */
  readonly scheme?: string;
  /** Where tables are if no `?region=` says. Default: `AWS_REGION`, then `AWS_DEFAULT_REGION`, read at each fetch. */
  readonly region?: string;
  /** Where KMS is called if no `?key=` says, as `credstash --kms-region`. Default: in the table's region. */
  readonly kmsRegion?: string;
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /** Sends the requests, instead of `direct({ credentials })`. */
  readonly clients?: AwsClients;
}

/**
 * The provider of `credstash::<name>[::<version>]`, for what credstash put into DynamoDB. Pinned versions are read 100 at
 * a time by BatchGetItem, one alone by GetItem; the highest of a name by a Query of its own, all at once. Then KMS unwraps
 * each item's data key, its HMAC is checked, and only then it is decrypted. The value is bytes.
 */
export function credstash(options: CredstashOptions = {}): Provider<CredstashTarget> {
  const send = senderOf(options);
  return {
    scheme: options.scheme ?? "credstash",
    parse: (reference) => parseTarget(reference, options),
    async fetch(target, call): Promise<SecretValue> {
      const item = await (target.version === undefined ? queryHighest : getItem)(send, target, call);
      const sealed = readItem(item);
      return open(sealed, await unwrap(send, { ...target, wrappedKey: sealed.wrappedKey }, call));
    },
    // GetItem takes the same capacity of the table: a throttled batch must not become 101 calls.
    batch: {
      size: maxBatchSize,
      fetch: (targets: readonly CredstashTarget[], call: Call) => fetchBatch(send, targets, call),
    },
    permissions: permitReads,
  };
}
