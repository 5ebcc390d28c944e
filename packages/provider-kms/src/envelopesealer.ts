import { senderOf } from "@serverless-secrets/aws-client";
import { parseReference, type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { bytesToSeal } from "@serverless-secrets/core/seal";
import { dataKeyContext, readContext } from "./context.ts";
import { base64url, dataKeys } from "./datakey.ts";
import { sealEnvelope } from "./envelope.ts";
import { parseKey } from "./key.ts";
import type { KmsSealerOptions } from "./options.ts";
import { permitUses } from "./permissions.ts";
import { notUnsealed } from "./rawsealer.ts";
import { parseTarget } from "./target.ts";

/** Options of `envelopeSealer` and `kmsfileSealer`. */
export interface DataKeyOptions extends KmsSealerOptions {
  /**
   * A reference to whose data key is added, so that one KMS request opens all. Whoever can open one value of a data key
   * can open them all, and write one that verifies: it belongs to the secrets that the same functions of one stage read.
   * Default: a new data key for each key and context, shared by all that this sealer seals.
   */
  readonly dataKeyOf?: string;
}

/**
 * Seals secrets of any size in envelopes: `kms::<key arn>[?context.…][&name=…]` becomes the reference to commit.
 * @throws SecretError `ERR_SECRET_REFERENCE` where `dataKeyOf` is no envelope's; from `seal`: `ERR_SECRET_REFERENCE`,
 * `ERR_SECRET_VALUE` for an empty secret, and what KMS refuses
 */
export function envelopeSealer(options: DataKeyOptions = {}): Sealer {
  const scheme = options.scheme ?? "kms";
  const { dataKeyOf } = options;
  const existing = dataKeyOf === undefined ? undefined : parseTarget(parseReference(dataKeyOf), options.region);
  if (existing !== undefined && existing.envelope === undefined) throw noEnvelope();
  const dataKeyFor = dataKeys(senderOf(options), "envelope/1", existing);
  const read = (unsealed: Reference) => {
    if (unsealed.scheme !== scheme || unsealed.payload !== undefined) throw notUnsealed(scheme);
    const context = readContext(unsealed);
    return { context, key: parseKey(unsealed.ref, context.region, options.region) };
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      const { key, context } = read(unsealed);
      const bytes = bytesToSeal(plaintext, "an envelope holds at least 1");
      const { pairs, name } = context;
      const { wrapped, plaintext: dataKey } = await dataKeyFor(key, context, call);
      const binding = { scheme: "kms", keyArn: unsealed.ref, wrapped, context: pairs, name, path: undefined } as const;
      const sealed = sealEnvelope(dataKey, bytes, binding);
      return { ...unsealed, payload: `${wrapped}.${base64url(sealed)}` };
    },
    permissions(unsealed) {
      const uses = unsealed
        .map(read)
        .map(({ key, context }) => ({ key, context: dataKeyContext(context, "envelope/1") }));
      return permitUses(existing === undefined ? "kms:GenerateDataKey" : "kms:Decrypt", uses);
    },
  };
}

const noEnvelope = (): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", "dataKeyOf is not a reference of an envelope: it has no data key.");
