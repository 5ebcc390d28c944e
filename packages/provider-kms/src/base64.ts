/**
 * Decodes base64 that has one spelling only. Node decodes leniently: what it passes over, an attacker may change unnoticed.
 * @param text anything
 * @param encoding `base64` with its padding, or `base64url` without
 * @returns undefined where the text is not exactly what encoding the bytes gives
 */
export function decodeStrictly(text: string, encoding: "base64" | "base64url"): Uint8Array | undefined {
  const bytes = Buffer.from(text, encoding);
  return bytes.length > 0 && bytes.toString(encoding) === text ? bytes : undefined;
}
