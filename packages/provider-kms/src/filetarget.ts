import { formatReference, type Reference, SecretError, type Target } from "@serverless-secrets/core";
import { dataKeyContext, rawContext, readContext } from "./context.ts";
import type { Wrapped } from "./decrypt.ts";
import type { Binding } from "./envelope.ts";
import { parseKey } from "./key.ts";
import { checkPath } from "./path.ts";
import { checkCiphertext, idOf } from "./target.ts";

/** A file, and the data key that opens it. */
export interface KmsFileTarget extends Target, Wrapped {
  readonly path: string;
  /** Undefined: a file of version 2 of the plugin, which nothing authenticates. */
  readonly binding: Binding | undefined;
}

/**
 * Reads a `kmsfile::` reference. The payload decides the format, never the file: `1.<wrapped>::<path>`, or of version 2
 * `<wrapped>::<path>`.
 * @param defaultRegion where multi-Region keys are called if the reference does not say
 * @param isAllowed whether a reference of version 2 may be read
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseFileTarget(
  reference: Reference,
  defaultRegion: string | undefined,
  isAllowed: (reference: string) => boolean,
): KmsFileTarget {
  const { ref, payload = "" } = reference;
  const options = readContext(reference);
  const key = parseKey(ref, options.region, defaultRegion);
  const [, format, wrapped, written] = /^(1\.)?([\w+/=-]+)::(.+)$/s.exec(payload) ?? [];
  if (wrapped === undefined || written === undefined) {
    throw refused("expected kmsfile::<key arn>::1.<wrapped data key>::<path>, as kmsfileSealer gives it");
  }
  const path = checkPath(written);
  if (format === undefined) {
    if (!isAllowed(listed(reference))) throw unauthenticated();
    const opened = { key, context: rawContext(options), ciphertext: checkCiphertext(wrapped, "base64") };
    return { id: idOf(opened), pinned: true, ...opened, path, binding: undefined };
  }
  const { pairs, name } = options;
  const context = dataKeyContext(options, "kmsfile/1");
  const opened = { key, context, ciphertext: checkCiphertext(wrapped, "base64url") };
  const binding: Binding = { scheme: "kmsfile", keyArn: ref, wrapped, context: pairs, name, path };
  return { id: idOf(opened), pinned: true, ...opened, path, binding };
}

/** A reference as `allowUnauthenticated` lists it: a pointer into the value makes no difference. */
export const listed = ({ pointer: _, ...reference }: Reference): string => formatReference(reference);

const unauthenticated = (): SecretError =>
  refused(
    "it is of version 2 of the plugin, whose files nothing authenticates. Seal the secret again with kmsfileSealer (@serverless-secrets/provider-kms/seal); until then it may be read with kmsfile({ allowUnauthenticated: [reference] })",
  );

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the kmsfile reference cannot be used: ${why}.`);
