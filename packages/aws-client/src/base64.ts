/**
 * Bytes out of base64, as AWS's JSON answers hold them.
 *
 * Not by Buffer.from, which takes small buffers from a pool: through it, other code's buffers give a view on the secret.
 * @param text anything
 * @returns undefined where the text is not exactly what encoding the bytes gives
 */
export function base64Bytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const bytes = Buffer.alloc(Buffer.byteLength(text, "base64"));
  const whole = bytes.subarray(0, bytes.write(text, "base64"));
  return whole.toString("base64") === text ? whole : undefined;
}
