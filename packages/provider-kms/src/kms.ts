import { type Provider, SecretError } from "@serverless-secrets/core";
import { decrypt } from "./decrypt.ts";
import { openEnvelope } from "./envelope.ts";
import { type KmsOptions, readerOf } from "./options.ts";
import { permitUses } from "./permissions.ts";
import { type KmsTarget, parseTarget } from "./target.ts";

/**
 * The provider of `kms::<key arn>::<payload>[?context.NAME=VALUE][&name=NAME]`. The payload is a ciphertext as
 * `aws kms encrypt` prints it, or an envelope `<wrapped>.<sealed>` of any size: envelopes of one data key cost one request
 * together. KMS is asked in the key's region.
 */
export function kms(options: KmsOptions = {}): Provider<KmsTarget> {
  const send = readerOf(options);
  return {
    scheme: options.scheme ?? "kms",
    parse: (reference) => parseTarget(reference, options.region),
    fetch: (target, call) => decrypt(send, target, call),
    open({ envelope }, fetched) {
      if (envelope === undefined) return fetched;
      return openEnvelope(bytesOnly(fetched), envelope.sealed, envelope.binding);
    },
    permissions: (targets) => permitUses("kms:Decrypt", targets),
  };
}

/** What `decrypt` fetched is bytes. */
export function bytesOnly(fetched: unknown): Uint8Array {
  if (typeof fetched !== "string") return fetched as Uint8Array;
  throw new SecretError("ERR_SECRET_PROVIDER", "a data key is bytes, not text.");
}
