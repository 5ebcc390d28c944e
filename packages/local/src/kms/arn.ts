import { partitionOf } from "../partition.ts";

interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** The ARN of a key (`key/…`) or an alias (`alias/…`). */
export function arnOf(place: Place, resource: string): string {
  return `arn:${partitionOf(place.region)}:kms:${place.region}:${place.accountId}:${resource}`;
}

/** The ARN of a key, by its id. */
export function keyArn(place: Place, keyId: string): string {
  return arnOf(place, `key/${keyId}`);
}
