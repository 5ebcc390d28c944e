import { createCipheriv } from "node:crypto";
import { SecretError, type SecretValue } from "@serverless-secrets/core";
import { type CredstashDigest, macOf } from "./digest.ts";
import type { Item } from "./item.ts";
import { firstCounter, halve } from "./key.ts";

/** DynamoDB keeps no larger item. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const maxItemBytes = 409_600;

/** A data key, in plain and as KMS wrapped it (base64). */
export interface DataKey {
  readonly plain: Uint8Array;
  readonly wrapped: string;
}

/** What credstash stores of a secret, as it writes it on Python 3: `hmac` as a Binary that holds hex text. */
export function closeItem(plaintext: SecretValue, { plain, wrapped }: DataKey, digest: CredstashDigest): Item {
  const { cipherKey, macKey } = halve(plain);
  const cipher = createCipheriv("aes-256-ctr", cipherKey, firstCounter);
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plaintext as string)), cipher.final()]);
  const hmac = macOf(digest, macKey, ciphertext).toString("hex");
  return {
    key: { S: wrapped },
    contents: { S: ciphertext.toString("base64") },
    hmac: { B: Buffer.from(hmac, "latin1").toString("base64") },
    digest: { S: digest },
  };
}

/**
 * Refuses what DynamoDB would not keep: an item's size is that of its attributes' names and values.
 * @throws SecretError `ERR_SECRET_VALUE`
 */
export function checkSize(item: Item): Item {
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(item)) {
    const { S, B } = value as { S?: string; B?: string };
    sizeBytes +=
      Buffer.byteLength(name) + (S === undefined ? Buffer.byteLength(B ?? "", "base64") : Buffer.byteLength(S));
  }
  if (sizeBytes <= maxItemBytes) return item;
  throw new SecretError(
    "ERR_SECRET_VALUE",
    `the secret makes an item of ${sizeBytes} bytes; DynamoDB keeps ${maxItemBytes}, which is about 300,000 bytes of a secret.`,
  );
}
