import { SecretError } from "@serverless-secrets/core";
import { type CredstashDigest, digests, isDigest } from "./digest.ts";

/** An item as DynamoDB answers it: attribute values by type, bytes as base64 text. */
export type Item = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** What credstash stores of a secret. */
export interface Sealed {
  /** The data key as KMS wrapped it. Base64. */
  readonly wrappedKey: string;
  readonly ciphertext: Uint8Array;
  readonly mac: Uint8Array;
  readonly digest: CredstashDigest;
}

/**
 * Reads an item's attributes.
 * @throws SecretError `ERR_SECRET_INTEGRITY` where one is missing or not of its form, quoting none
 * @see https://github.com/fugue/credstash, `open_aes_ctr_legacy`
 */
export function readItem({ key, contents, hmac, digest }: Item): Sealed {
  const wrappedKey = key?.["S"];
  const ciphertext = decoded(contents?.["S"], "base64");
  // A String, or a Binary (on Python 3) that holds the same text, not the MAC's own bytes.
  const mac = decoded(hmac?.["S"] ?? textOf(hmac?.["B"]), "hex");
  const named = digest === undefined ? "SHA256" : digest["S"]; // older items have none
  if (decoded(wrappedKey, "base64") === undefined || wrappedKey === "") throw damaged("key");
  if (ciphertext === undefined) throw damaged("contents");
  if (mac === undefined) throw damaged("hmac");
  if (!isDigest(named)) throw damaged("digest", `one of ${digests.join(", ")}`);
  return { wrappedKey: wrappedKey as string, ciphertext, mac, digest: named };
}

/** Node decodes leniently: only what encodes back to the same text was whole. */
function decoded(text: unknown, encoding: "base64" | "hex"): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const bytes = Buffer.from(text, encoding);
  const same = encoding === "hex" ? text.toLowerCase() : text;
  return bytes.toString(encoding) === same ? bytes : undefined;
}

const textOf = (base64: unknown): string | undefined =>
  typeof base64 === "string" ? Buffer.from(base64, "base64").toString("latin1") : undefined;

const damaged = (attribute: string, expected = "as credstash writes it"): SecretError =>
  new SecretError(
    "ERR_SECRET_INTEGRITY",
    `the item's attribute "${attribute}" is missing, or not ${expected}. Put the secret again (credstash put).`,
  );
