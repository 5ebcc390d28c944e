import { type Provider, parseReference } from "@serverless-secrets/core";
import { decrypt } from "./decrypt.ts";
import { openEnvelope } from "./envelope.ts";
import { defaultRoot, readFile } from "./file.ts";
import { type KmsFileTarget, listed, parseFileTarget } from "./filetarget.ts";
import { bytesOnly } from "./kms.ts";
import { legacyFolder, openLegacy } from "./legacy.ts";
import { type KmsOptions, readerOf } from "./options.ts";
import { permitUses } from "./permissions.ts";

/** Options of `kmsfile`. */
export interface KmsFileOptions extends KmsOptions {
  /** The folder below which files are. Default: `LAMBDA_TASK_ROOT`, where a function is deployed, else the working folder. */
  readonly root?: string;
  /** References of version 2 of the plugin that are read although nothing authenticates their files. Default: none. */
  readonly allowUnauthenticated?: readonly string[];
}

/**
 * The provider of `kmsfile::<key arn>::1.<wrapped>::<path>`: an encrypted file that is deployed with the function, of up to
 * 64 MiB, such as a certificate or a large document. Files of one data key cost one KMS request together.
 * @throws SecretError `ERR_SECRET_REFERENCE` where `allowUnauthenticated` lists what is no reference
 */
export function kmsfile(options: KmsFileOptions = {}): Provider<KmsFileTarget> {
  const send = readerOf(options);
  const allowed = new Set(options.allowUnauthenticated?.map((reference) => listed(parseReference(reference))));
  return {
    scheme: options.scheme ?? "kmsfile",
    parse: (reference) => parseFileTarget(reference, options.region, (text) => allowed.has(text)),
    fetch: (target, call) => decrypt(send, target, call),
    open({ path, binding }, fetched) {
      const root = options.root ?? defaultRoot();
      const dataKey = bytesOnly(fetched);
      if (binding !== undefined) return openEnvelope(dataKey, readFile(root, [path]), binding);
      return openLegacy(dataKey, readFile(root, [path, `${legacyFolder}/${path}`]));
    },
    permissions: (targets) => permitUses("kms:Decrypt", targets),
  };
}
