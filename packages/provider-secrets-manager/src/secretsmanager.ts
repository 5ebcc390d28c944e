import {
  type AwsClients,
  type CredentialSource,
  defaultRegion,
  extension,
  senderOf,
} from "@serverless-secrets/aws-client";
import type { Call, Provider, SecretValue } from "@serverless-secrets/core";
import { secretOf } from "./answer.ts";
import { fetchBatch } from "./batch.ts";
import { explainDenial } from "./denial.ts";
import { permitReads } from "./permissions.ts";
import { parseTarget, type SecretsManagerTarget } from "./target.ts";

/** Options of `secretsManager` and `secretsManagerSealer`. */
export interface SecretsManagerOptions {
  /** Default `secretsmanager`. A second provider, for another account's credentials, needs a scheme of its own. */
  readonly scheme?: string;
  /** Where names without `?region=` are. Default: `AWS_REGION`, then `AWS_DEFAULT_REGION`, read at each fetch. */
  readonly region?: string;
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /** Sends the requests, instead of `direct({ credentials })`. */
  readonly clients?: AwsClients;
  /** `extension`: read through the AWS Parameters and Secrets extension, or the agent, on localhost, instead of either. */
  readonly via?: "extension";
}

/** How many secrets one BatchGetSecretValue brings. */
const batchSize = 20;

/**
 * The provider of `secretsmanager::<name or ARN>[::<stage or version id>]`. Unpinned names of one region are read 20 at
 * a time by BatchGetSecretValue, one alone and all others by GetSecretValue; through the extension all by GetSecretValue.
 */
export function secretsManager(options: SecretsManagerOptions = {}): Provider<SecretsManagerTarget> {
  const { scheme = "secretsmanager", via } = options;
  const send = via === "extension" ? extension() : senderOf(options);
  return {
    scheme,
    parse: (reference) => parseTarget(reference, options.region),
    async fetch(target, call): Promise<SecretValue> {
      const { secretId: SecretId, versionId: VersionId, versionStage: VersionStage, region = defaultRegion() } = target;
      const input = { SecretId, ...(VersionId && { VersionId }), ...(VersionStage && { VersionStage }) };
      const operation = "GetSecretValue";
      try {
        return secretOf(await send({ service: "secretsmanager", operation, region, input, resource: SecretId }, call));
      } catch (error) {
        throw explainDenial(error, SecretId);
      }
    },
    ...(via === undefined && {
      batch: {
        size: batchSize,
        fetch: (targets, call) => fetchBatch(send, targets, inHalfTheTime(call)),
        // GetSecretValue has a quota of its own, a hundred times as large.
        aloneIfUnavailable: true,
      },
    }),
    permissions: (targets, scope) => permitReads(targets, scope, { batches: via === undefined }),
  };
}

/** The other half is for asking singly, should the batch be throttled to its end. */
const inHalfTheTime = (call: Call): Call => {
  const nowMs = Date.now();
  return { ...call, deadlineMs: nowMs + Math.max(0, (call.deadlineMs - nowMs) / 2) };
};
