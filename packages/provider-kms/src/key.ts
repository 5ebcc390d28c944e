import { parseArn, regionPartition } from "@serverless-secrets/aws-client";
import { SecretError } from "@serverless-secrets/core";

/** A KMS key as a reference names it, and where to call it. */
export interface KmsKey {
  /** Key ARN or alias ARN, in the region that is called. */
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** `alias/…` where the reference names an alias, which may point at another key tomorrow. */
  readonly alias: string | undefined;
}

/**
 * Reads a key ARN or an alias ARN.
 * @param arn as the reference has it
 * @param region where to call instead of the ARN's region: for multi-Region keys (`mrk-…`) alone, whose replicas decrypt
 * each other's ciphertexts ([KMS, multi-Region keys](https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html))
 * @param replicaRegion where to call such keys if `region` does not say; other keys stay where they are
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseKey(arn: string, region?: string, replicaRegion?: string): KmsKey {
  const parsed = parseArn(arn);
  if (parsed?.service !== "kms") throw noKey();
  const { partition, accountId, resource } = parsed;
  const alias = /^alias\/[A-Za-z0-9:/_-]{1,250}$/.test(resource) ? resource : undefined;
  if (alias === undefined && !/^key\/[A-Za-z0-9-]{1,256}$/.test(resource)) throw noKey();
  const isReplicated = resource.startsWith("key/mrk-");
  const called = region ?? (isReplicated ? replicaRegion : undefined) ?? parsed.region;
  if (called !== parsed.region) {
    if (!isReplicated) throw fixedRegion();
    if (regionPartition(called) !== partition) throw noRegion();
  }
  return {
    arn: `arn:${partition}:kms:${called}:${accountId}:${resource}`,
    partition,
    region: called,
    accountId,
    alias,
  };
}

/** Whether the key that KMS says it used is the one the reference names; of an alias only the account and region are known. */
export function isSameKey(key: KmsKey, usedArn: unknown): boolean {
  if (key.alias === undefined) return usedArn === key.arn;
  const used = typeof usedArn === "string" ? parseArn(usedArn) : undefined;
  return used?.service === "kms" && used.region === key.region && used.accountId === key.accountId;
}

const noKey = (): SecretError =>
  refused(
    "what follows the scheme is no ARN of a KMS key or alias, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  );

const fixedRegion = (): SecretError =>
  refused("its region is not the region of the key. Only multi-Region keys (mrk-…) can be called in another region");

const noRegion = (): SecretError => refused("its region is no region of the key's partition");

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the kms reference cannot be used: ${why}.`);
