import { keyArnOf, parseArn, regionPartition } from "@serverless-secrets/aws-client";
import { type Reference, readOptions, SecretError, type Target } from "@serverless-secrets/core";

/** A secret's version, or whatever a stage names at the time. */
export interface SecretsManagerTarget extends Target {
  /** Name or ARN. */
  readonly secretId: string;
  /** Undefined: the region of the environment, read at the fetch. */
  readonly region: string | undefined;
  readonly versionId: string | undefined;
  readonly versionStage: string | undefined;
  /** `?key=`: the ARN of the KMS key behind it, for the policy. */
  readonly keyArn: string | undefined;
}

/**
 * Reads a `secretsmanager::` reference.
 * @param defaultRegion where a name without `?region=` is; undefined: where the environment says
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseTarget(reference: Reference, defaultRegion?: string): SecretsManagerTarget {
  const options = readOptions(reference, ["versionId", "key"]);
  const { secretId, region } = parseSecretId(reference.ref, options.region);
  const version = parseVersion(reference.payload, options.versionId);
  const called = region ?? defaultRegion;
  const unpinned = version.versionId === undefined && version.versionStage === undefined;
  return {
    id: JSON.stringify([called ?? "", secretId, version.versionId ?? "", version.versionStage ?? ""]),
    pinned: version.versionId !== undefined,
    // BatchGetSecretValue takes neither versions nor stages.
    // What is named by ARN may be another account's, whose secret of the same name is another: asked for apart.
    ...(unpinned && { batch: [called, parseArn(secretId)?.accountId].join(" ").trim() }),
    secretId,
    region: called,
    ...version,
    keyArn: parseKeyArn(options.key),
  };
}

function parseSecretId(ref: string, region: string | undefined): { secretId: string; region: string | undefined } {
  if (region !== undefined && regionPartition(region) === undefined) throw refused("its ?region= is no region");
  if (!ref.startsWith("arn:")) {
    if (!isName(ref)) {
      throw refused(
        "a secret's name holds letters, digits and /_+=.@-! alone. Write secretsmanager::prod/db, or the secret's ARN",
      );
    }
    return { secretId: ref, region };
  }
  const arn = parseArn(ref);
  if (arn?.service !== "secretsmanager" || !arn.resource.startsWith("secret:") || !isName(arn.resource.slice(7))) {
    throw refused("it begins as an ARN, but is none of a secret");
  }
  if (region !== undefined && region !== arn.region) throw refused("its ?region= is not the region of its ARN");
  return { secretId: ref, region: arn.region };
}

// An exclamation mark is in the names that AWS gives, such as rds!db-…; an ARN's are seven characters longer.
const isName = (text: string): boolean => /^[\w/+=.@!-]{1,519}$/.test(text);

function parseVersion(payload: string | undefined, forced: string | undefined) {
  if (payload !== undefined && forced !== undefined)
    throw refused('it has a version after "::" and a ?versionId=: give one of them');
  if (forced !== undefined) {
    if (!/^[\w-]{32,64}$/.test(forced)) throw refused("its ?versionId= is no version id (32 to 64 characters)");
    return { versionId: forced, versionStage: undefined };
  }
  const isUuid = payload !== undefined && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(payload);
  if (isUuid) return { versionId: payload, versionStage: undefined };
  if (payload !== undefined && !/^[\w/+=.@-]{1,256}$/.test(payload))
    throw refused('what follows "::" is neither a stage nor a version id');
  return { versionId: undefined, versionStage: payload };
}

function parseKeyArn(key: string | undefined): string | undefined {
  if (key === undefined || keyArnOf(key) !== undefined) return key;
  throw refused(
    "its ?key= is no ARN of a KMS key, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab; for an alias, write the ARN of its key (aws kms describe-key)",
  );
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the secretsmanager reference cannot be used: ${why}.`);
