import { regionPartition } from "./partition.ts";

/** The parts of an ARN of a regional resource. */
export interface Arn {
  /** E.g. `aws`; it holds the region. */
  readonly partition: string;
  /** E.g. `kms`. */
  readonly service: string;
  /** E.g. `eu-west-1`. */
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** All that follows, colons included: `key/1234…`, `secret:prod/db-AbCdEf`. */
  readonly resource: string;
}

/**
 * Takes an ARN of a regional resource apart. Pure.
 *
 * An ARN in a reference chooses a host and an account, so it is checked: the region and the account have their form, and
 * the partition is the one that holds the region.
 * @param text anything
 * @returns undefined where it is no such ARN, e.g. one without region or account, or with white space
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([a-z-]+):([a-z0-9-]+):([a-z0-9-]+):(\d{12}):([!-~]+)$/.exec(text);
  if (match === null) return undefined;
  const [, partition = "", service = "", region = "", accountId = "", resource = ""] = match;
  if (regionPartition(region) !== partition) return undefined;
  return { partition, service, region, accountId, resource };
}

/**
 * Takes the ARN of a KMS key apart. An alias is none: in a policy its ARN grants on the alias, not on the key.
 * @param text anything
 * @returns undefined where it is no ARN of a key
 */
export function keyArnOf(text: string): Arn | undefined {
  const arn = parseArn(text);
  return arn?.service === "kms" && /^key\/[A-Za-z0-9-]{1,256}$/.test(arn.resource) ? arn : undefined;
}
