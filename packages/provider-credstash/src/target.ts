import { keyArnOf, regionPartition } from "@serverless-secrets/aws-client";
import { type Reference, readOptions, type Target } from "@serverless-secrets/core";
import { refused } from "./refused.ts";
import { parseVersion } from "./version.ts";

/** KMS unwraps an item's data key under no other; not secret: CloudTrail shows it. It is not stored in the table. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** A secret's version, or whichever is the highest at the time. */
export interface CredstashTarget extends Target {
  readonly name: string;
  /** As the table has it, padded to 19 digits. Undefined: the highest. */
  readonly version: string | undefined;
  readonly table: string;
  /** Of the table. Undefined: the region of the environment, read at the fetch. */
  readonly region: string | undefined;
  /** `?key=`: the KMS key that must have wrapped the data key. */
  readonly keyArn: string | undefined;
  /** Where KMS is called. Undefined: in the table's region. */
  readonly kmsRegion: string | undefined;
  readonly context: EncryptionContext;
}

/** Where references without `?region=` and `?key=` lead. */
export interface CredstashRegions {
  readonly region?: string | undefined;
  readonly kmsRegion?: string | undefined;
}

/** The table that credstash makes and reads unless it is told another. */
const defaultTable = "credential-store";

/** A partition key of DynamoDB. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const maxNameBytes = 2_048;

/**
 * Reads a `credstash::` reference.
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseTarget(reference: Reference, defaults: CredstashRegions = {}): CredstashTarget {
  const options = readOptions(reference, ["table", "key", "context.*"]);
  const name = checkName(reference.ref);
  const version = parseVersion(reference.payload);
  const table = checkTable(options.table ?? defaultTable);
  const region = checkRegion(options.region) ?? defaults.region;
  const keyRegion = regionOfKey(options.key);
  const kmsRegion = keyRegion ?? defaults.kmsRegion;
  // Sorted, so that the order in which a reference gives them makes no second cache entry.
  const pairs = [...options.context].sort(([a], [b]) => (a < b ? -1 : 1));
  // As JSON: no choice of characters in one part can look like another part.
  const id = [region ?? "", table, name, version ?? "", options.key ?? "", kmsRegion ?? "", pairs];
  return {
    id: JSON.stringify(id),
    pinned: version !== undefined,
    // BatchGetItem takes whole keys alone; the highest version takes a Query for each name.
    ...(version !== undefined && { batch: JSON.stringify([region ?? "", table]) }),
    name,
    version,
    table,
    region,
    keyArn: options.key,
    kmsRegion,
    context: Object.fromEntries(pairs),
  };
}

// credstash takes any name; what has no UTF-8 form would be stored as another.
function checkName(name: string): string {
  if (!name.isWellFormed()) throw refused("its name is no well-formed Unicode");
  if (Buffer.byteLength(name) > maxNameBytes) throw refused(`its name is over DynamoDB's ${maxNameBytes} bytes`);
  return name;
}

function checkTable(table: string): string {
  if (/^[\w.-]{3,255}$/.test(table)) return table;
  throw refused("its ?table= is no name of a DynamoDB table: 3 to 255 letters, digits and _.-");
}

function checkRegion(region: string | undefined): string | undefined {
  if (region !== undefined && regionPartition(region) === undefined) throw refused("its ?region= is no region");
  return region;
}

function regionOfKey(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  const arn = keyArnOf(key);
  if (arn !== undefined) return arn.region;
  throw refused(
    "its ?key= is no ARN of a KMS key, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab; for an alias, write the ARN of its key (aws kms describe-key)",
  );
}
