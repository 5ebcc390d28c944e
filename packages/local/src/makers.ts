import { randomUUID } from "node:crypto";
import { type Control, createControl } from "./control.ts";
import { kms } from "./kms/service.ts";
import type { LocalAws } from "./localaws.ts";
import { perform } from "./perform.ts";
import { secretsManager } from "./secretsmanager/service.ts";
import type { Service } from "./service.ts";
import { ssm } from "./ssm/service.ts";
import type { State } from "./state.ts";

/**
 * What a test makes without a call: the operations themselves, with a control of their own that keeps them out of logs, faults
 * and rules.
 */
export function makers(parts: {
  readonly accountId: string;
  readonly region: string;
  readonly state: State;
  /** For its clock alone. */
  readonly control: Control;
}): Pick<LocalAws, "createKey" | "createSecret" | "putParameter"> {
  const { accountId, region: home, state, control } = parts;
  const quietly = <S>(
    service: Service<S>,
    operation: string,
    region: string,
    input: Record<string, unknown>,
  ): unknown => {
    const call = { service: service as Service<unknown>, operation, region, accountId, input, requestId: randomUUID() };
    return perform(call, state, { ...createControl(), clockSkewMs: control.clockSkewMs });
  };
  return {
    createKey({ alias, region = home, multiRegion = false } = {}) {
      const made = quietly(kms, "CreateKey", region, { MultiRegion: multiRegion });
      const { KeyId: keyId, Arn: arn } = (made as { KeyMetadata: { KeyId: string; Arn: string } }).KeyMetadata;
      if (alias !== undefined) quietly(kms, "CreateAlias", region, { AliasName: alias, TargetKeyId: keyId });
      return { keyId, arn };
    },
    createSecret({ name, value, kmsKeyId, region = home }) {
      const input = {
        Name: name,
        ClientRequestToken: randomUUID(),
        ...(typeof value === "string"
          ? { SecretString: value }
          : { SecretBinary: Buffer.from(value).toString("base64") }),
        ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
      };
      const made = quietly(secretsManager, "CreateSecret", region, input) as { ARN: string; VersionId: string };
      return { arn: made.ARN, versionId: made.VersionId };
    },
    putParameter({ name, value, type = "SecureString", keyId, region = home }) {
      const key = keyId === undefined ? {} : { KeyId: keyId };
      const input = { Name: name, Value: value, Type: type, Overwrite: true, ...key };
      const made = quietly(ssm, "PutParameter", region, input) as { Version: number };
      return { version: made.Version };
    },
  };
}
