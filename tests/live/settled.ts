import { setTimeout as sleep } from "node:timers/promises";
import type { AwsClients, AwsRequest, Service } from "../../packages/aws-client/src/index.ts";

// AWS's stores show a change a little later: the contracts do not know of it, as no assertion may be softer for it.
const changes: Readonly<Record<Service, RegExp>> = {
  // Aliases and key states take longer: the contract itself waits for these.
  kms: /^CreateKey$/,
  secretsmanager: /^(Create|Put|Update|Delete|Restore)/,
  ssm: /^(Put|Label)/,
  dynamodb: /^PutItem$/,
};

const changedMs = new Map<Service, number>();

/** Sends a request that may not see the last change of its service yet once that is `settleMs` old. */
export function settled(send: AwsClients, settleMs: number): AwsClients {
  return async (request, call) => {
    const { service } = request;
    const leftMs = (changedMs.get(service) ?? 0) + settleMs - Date.now();
    if (leftMs > 0 && mayBeEarly(request)) await sleep(leftMs, undefined, { signal: call.signal }).catch(() => {});
    try {
      return await send(request, call);
    } finally {
      // Also of one that failed: AWS may have done it.
      if (isChange(request)) changedMs.set(service, Date.now());
    }
  };
}

/** DynamoDB's writes, and its reads that ask for it, are consistent. */
const mayBeEarly = ({ service, operation, input }: AwsRequest): boolean =>
  service !== "dynamodb" ||
  (/^(Batch)?GetItem$/.test(operation) && (input as { ConsistentRead?: boolean }).ConsistentRead !== true);

/** A deletion for good is the end of a run, where nobody waits to see it. */
const isChange = ({ service, operation, input }: AwsRequest): boolean =>
  changes[service].test(operation) && !("ForceDeleteWithoutRecovery" in input);
