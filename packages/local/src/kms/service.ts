import type { Service } from "../service.ts";
import { createAlias, deleteAlias, updateAlias } from "./alias.ts";
import { createKey } from "./createkey.ts";
import { generateDataKey, generateDataKeyWithoutPlaintext } from "./datakey.ts";
import { decrypt } from "./decrypt.ts";
import { encrypt } from "./encrypt.ts";
import { cancelKeyDeletion, describeKey, disableKey, enableKey, scheduleKeyDeletion } from "./lifecycle.ts";
import { listAliases, listKeys } from "./list.ts";
import { reEncrypt } from "./reencrypt.ts";
import { replicateKey } from "./replicatekey.ts";
import { elapse, type KmsState } from "./state.ts";

/** AWS Key Management Service: symmetric keys. https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html */
export const kms: Service<KmsState> = {
  name: "kms",
  targetPrefix: "TrentService.",
  jsonVersion: "1.1",
  logged: [
    "KeyId",
    "EncryptionContext",
    "SourceKeyId",
    "SourceEncryptionContext",
    "DestinationKeyId",
    "DestinationEncryptionContext",
    "KeySpec",
    "NumberOfBytes",
    "DryRun",
    "AliasName",
    "TargetKeyId",
    "ReplicaRegion",
    "PendingWindowInDays",
  ],
  initial: () => ({ keys: [], aliases: [] }),
  elapse,
  operations: new Map([
    ["CancelKeyDeletion", cancelKeyDeletion],
    ["CreateAlias", createAlias],
    ["CreateKey", createKey],
    ["Decrypt", decrypt],
    ["DeleteAlias", deleteAlias],
    ["DescribeKey", describeKey],
    ["DisableKey", disableKey],
    ["EnableKey", enableKey],
    ["Encrypt", encrypt],
    ["GenerateDataKey", generateDataKey],
    ["GenerateDataKeyWithoutPlaintext", generateDataKeyWithoutPlaintext],
    ["ListAliases", listAliases],
    ["ListKeys", listKeys],
    ["ReEncrypt", reEncrypt],
    ["ReplicateKey", replicateKey],
    ["ScheduleKeyDeletion", scheduleKeyDeletion],
    ["UpdateAlias", updateAlias],
  ]),
};
