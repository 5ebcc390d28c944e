import { senderOf } from "@serverless-secrets/aws-client";
import { parseReference, type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { bytesToSeal } from "@serverless-secrets/core/seal";
import { dataKeyContext, readContext } from "./context.ts";
import { dataKeys } from "./datakey.ts";
import { overheadBytes, sealEnvelope } from "./envelope.ts";
import type { DataKeyOptions } from "./envelopesealer.ts";
import { maxFileBytes } from "./file.ts";
import { parseFileTarget } from "./filetarget.ts";
import { parseKey } from "./key.ts";
import { checkPath } from "./path.ts";
import { permitUses } from "./permissions.ts";
import { writeBelow } from "./write.ts";

/** What `kmsfile` reads, less what sealing adds. */
const maxPlaintextBytes = maxFileBytes - overheadBytes;

/** Options of `kmsfileSealer`. */
export interface KmsFileSealerOptions extends DataKeyOptions {
  /** The folder below which the file is written; it must be there. Default: the working folder. */
  readonly root?: string;
}

/**
 * Seals secrets in files: `kmsfile::<key arn>::<path>[?context.…][&name=…]` writes `<root>/<path>`, and becomes the reference
 * to commit beside it. A file that is there is replaced.
 * @throws SecretError `ERR_SECRET_REFERENCE` where `dataKeyOf` is no such file's; from `seal`: `ERR_SECRET_REFERENCE`,
 * `ERR_SECRET_VALUE` for an empty secret or one over 64 MiB, and what KMS refuses; what the file system throws is thrown as it is
 */
export function kmsfileSealer(options: KmsFileSealerOptions = {}): Sealer {
  const { scheme = "kmsfile", root = "." } = options;
  const refuseLegacy = () => false;
  const existing =
    options.dataKeyOf === undefined
      ? undefined
      : parseFileTarget(parseReference(options.dataKeyOf), options.region, refuseLegacy);
  const dataKeyFor = dataKeys(senderOf(options), "kmsfile/1", existing);
  const read = (unsealed: Reference) => {
    const context = readContext(unsealed);
    return { context, key: parseKey(unsealed.ref, context.region, options.region) };
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      if (unsealed.scheme !== scheme || unsealed.payload === undefined || unsealed.payload.includes("::")) {
        throw new SecretError("ERR_SECRET_REFERENCE", `what to seal is ${scheme}::<key arn>::<path>.`);
      }
      const path = checkPath(unsealed.payload);
      const { key, context } = read(unsealed);
      const bytes = bytesToSeal(plaintext, `a file holds 1 to ${maxPlaintextBytes}`, maxPlaintextBytes);
      const { pairs, name } = context;
      const { wrapped, plaintext: dataKey } = await dataKeyFor(key, context, call);
      const binding = { scheme: "kmsfile", keyArn: unsealed.ref, wrapped, context: pairs, name, path } as const;
      await writeBelow(root, path, sealEnvelope(dataKey, bytes, binding));
      return { ...unsealed, payload: `1.${wrapped}::${path}` };
    },
    permissions(unsealed) {
      const uses = unsealed
        .map(read)
        .map(({ key, context }) => ({ key, context: dataKeyContext(context, "kmsfile/1") }));
      return permitUses(existing === undefined ? "kms:GenerateDataKey" : "kms:Decrypt", uses);
    },
  };
}
