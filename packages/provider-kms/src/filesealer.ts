import { randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { parseReference, type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { dataKeyContext, readContext } from "./context.ts";
import { dataKeys } from "./datakey.ts";
import { sealEnvelope } from "./envelope.ts";
import type { DataKeyOptions } from "./envelopesealer.ts";
import { parseFileTarget } from "./filetarget.ts";
import { parseKey } from "./key.ts";
import { senderOf } from "./options.ts";
import { checkPath } from "./path.ts";
import { permitUses } from "./permissions.ts";

/** Options of `kmsfileSealer`. */
export interface KmsFileSealerOptions extends DataKeyOptions {
  /** The folder below which the file is written; it must be there. Default: the working folder. */
  readonly root?: string;
}

/**
 * Seals secrets in files: `kmsfile::<key arn>::<path>[?context.…][&name=…]` writes `<root>/<path>`, and becomes the reference
 * to commit beside it.
 * @throws SecretError from `seal`: `ERR_SECRET_REFERENCE`, and what KMS refuses; what the file system throws is thrown as it is
 */
export function kmsfileSealer(options: KmsFileSealerOptions = {}): Sealer {
  const { scheme = "kmsfile", root = "." } = options;
  const refuseLegacy = () => false;
  const existing =
    options.dataKeyOf === undefined
      ? undefined
      : parseFileTarget(parseReference(options.dataKeyOf), undefined, refuseLegacy);
  const dataKeyFor = dataKeys(senderOf(options), "kmsfile/1", existing);
  const read = (unsealed: Reference) => {
    const context = readContext(unsealed);
    return { context, key: parseKey(unsealed.ref, context.region) };
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      if (unsealed.scheme !== scheme || unsealed.payload === undefined || unsealed.payload.includes("::")) {
        throw new SecretError("ERR_SECRET_REFERENCE", `what to seal is ${scheme}::<key arn>::<path>.`);
      }
      const path = checkPath(unsealed.payload);
      const { key, context } = read(unsealed);
      const { pairs, name } = context;
      const { wrapped, plaintext: dataKey } = await dataKeyFor(key, context, call);
      const binding = { scheme: "kmsfile", keyArn: unsealed.ref, wrapped, context: pairs, name, path } as const;
      await writeBelow(root, path, sealEnvelope(dataKey, Buffer.from(plaintext as string), binding));
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

/** Writes a file whole or not at all, and through no link that leads out of the root. */
async function writeBelow(root: string, path: string, contents: Uint8Array): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  const [realRoot, realFolder] = await Promise.all([realpath(root), realpath(dirname(file))]);
  if (realFolder !== realRoot && !realFolder.startsWith(realRoot + sep)) {
    throw new SecretError("ERR_SECRET_REFERENCE", "the path leads out of the root by a symbolic link.");
  }
  const written = `${file}.${randomUUID()}`;
  try {
    await writeFile(written, contents, { flag: "wx" });
    await rename(written, file);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}
