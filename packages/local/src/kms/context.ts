import { awsError } from "../error.ts";

/** An encryption context: pairs that must be given again, exactly, to decrypt. Not secret. */
export type EncryptionContext = ReadonlyMap<string, string>;

const maxBytes = 8192;

/**
 * One byte string for one context, whatever order its pairs came in: sorted by the bytes of their names, each text after
 * its length, so that no two contexts share a form.
 *
 * @throws AwsError `ValidationException` over 8,192 bytes of names and values.
 */
export function contextBytes(context: EncryptionContext | undefined): Buffer {
  const pairs = [...(context ?? [])].map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
  const size = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > maxBytes) throw awsError("ValidationException", `EncryptionContext is larger than ${maxBytes} bytes`);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat(pairs.flat().flatMap((text) => [length(text), text]));
}

function length(text: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(text.length);
  return bytes;
}

/**
 * The condition keys that IAM sees of a call to KMS.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function conditionKeys(
  request: { readonly via: string | undefined; readonly region: string },
  context: EncryptionContext | undefined,
  alias?: string,
): Record<string, string | string[]> {
  const keys: Record<string, string | string[]> = { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT" };
  if (request.via !== undefined) keys["kms:ViaService"] = `${request.via}.${request.region}.amazonaws.com`;
  if (alias !== undefined) keys["kms:RequestAlias"] = alias;
  for (const [name, value] of context ?? []) keys[`kms:EncryptionContext:${name}`] = value;
  if (context?.size) keys["kms:EncryptionContextKeys"] = [...context.keys()];
  return keys;
}
