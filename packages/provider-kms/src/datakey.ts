import type { AwsClients } from "@serverless-secrets/aws-client";
import { type Call, SecretError } from "@serverless-secrets/core";
import { type ContextOptions, dataKeyContext } from "./context.ts";
import { bytesOf, checkKey, contextInput, decrypt, kmsRequest, type Wrapped } from "./decrypt.ts";
import type { KmsKey } from "./key.ts";
import { idOf } from "./target.ts";

/** A data key, wrapped by KMS and not. */
export interface DataKey {
  /** As base64url: what references have. */
  readonly wrapped: string;
  readonly plaintext: Uint8Array;
}

/** Gives the data key for a key and context. */
export type DataKeys = (key: KmsKey, options: ContextOptions, call: Call) => Promise<DataKey>;

/**
 * Data keys of one sealer: a new one for each key and context, which all that it seals share; or that of a reference.
 * @param existing the wrapped data key to add to
 */
export function dataKeys(
  send: AwsClients,
  format: "envelope/1" | "kmsfile/1",
  existing: Wrapped | undefined,
): DataKeys {
  const made = new Map<string, Promise<DataKey>>();
  return (key, options, call) => {
    const context = dataKeyContext(options, format);
    const id = idOf({ key, context, ciphertext: "" });
    if (existing !== undefined && id !== idOf({ ...existing, ciphertext: "" })) throw otherGroup();
    const make = () => (existing === undefined ? generate(send, key, context, call) : unwrap(send, existing, call));
    const dataKey = made.get(id) ?? make();
    made.set(id, dataKey);
    dataKey.catch(() => made.get(id) === dataKey && made.delete(id));
    return dataKey;
  };
}

async function generate(send: AwsClients, key: KmsKey, context: Wrapped["context"], call: Call): Promise<DataKey> {
  const input = { KeyId: key.arn, KeySpec: "AES_256", ...contextInput(context) };
  const { KeyId, Plaintext, CiphertextBlob } = await send(kmsRequest(key, "GenerateDataKey", input), call);
  checkKey(key, KeyId);
  return { wrapped: base64url(bytesOf(CiphertextBlob)), plaintext: bytesOf(Plaintext) };
}

async function unwrap(send: AwsClients, existing: Wrapped, call: Call): Promise<DataKey> {
  const wrapped = base64url(Buffer.from(existing.ciphertext, "base64"));
  return { wrapped, plaintext: await decrypt(send, existing, call) };
}

/** As references have it. */
export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

const otherGroup = (): SecretError =>
  new SecretError(
    "ERR_SECRET_REFERENCE",
    "dataKeyOf is a reference of another key or context: its data key cannot be added to.",
  );
