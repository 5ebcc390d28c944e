import { keyArn } from "./arn.ts";
import type { Key, KmsState } from "./state.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html. Times are epoch seconds. */
export function metadata(key: Key, state: KmsState, accountId: string): object {
  const keyState = key.deletionMs !== undefined ? "PendingDeletion" : key.enabled ? "Enabled" : "Disabled";
  return {
    AWSAccountId: accountId,
    Arn: keyArn({ region: key.region, accountId }, key.id),
    CreationDate: key.createdMs / 1000,
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    Description: key.description,
    Enabled: keyState === "Enabled",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    KeyId: key.id,
    KeyManager: key.managedBy === undefined ? "CUSTOMER" : "AWS",
    KeySpec: "SYMMETRIC_DEFAULT",
    KeyState: keyState,
    KeyUsage: "ENCRYPT_DECRYPT",
    MultiRegion: key.primaryRegion !== undefined,
    Origin: "AWS_KMS",
    ...(key.deletionMs === undefined ? {} : { DeletionDate: key.deletionMs / 1000 }),
    ...(key.primaryRegion === undefined ? {} : { MultiRegionConfiguration: multiRegion(key, state, accountId) }),
  };
}

function multiRegion(key: Key, state: KmsState, accountId: string): object {
  const regional = (region: string): object => ({ Arn: keyArn({ region, accountId }, key.id), Region: region });
  const others = state.keys.filter(({ id, region }) => id === key.id && region !== key.primaryRegion);
  return {
    MultiRegionKeyType: key.region === key.primaryRegion ? "PRIMARY" : "REPLICA",
    PrimaryKey: regional(key.primaryRegion ?? key.region),
    ReplicaKeys: others.map(({ region }) => regional(region)),
  };
}
