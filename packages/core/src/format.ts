import type { Reference } from "./reference.ts";

/**
 * Writes a reference as text; the exact inverse of `parseReference`.
 * @param reference a well-formed reference: a valid scheme, a ref and a payload that are not empty, a valid pointer
 */
export function formatReference(reference: Reference): string {
  const { scheme, ref, payload, options, pointer } = reference;
  let text = `${scheme}::${escapeRef(ref)}`;
  if (payload !== undefined) text += `::${escapeReserved(payload)}`;
  if (options.size > 0) {
    text += `?${[...options].map(([key, value]) => `${escapeOption(key)}=${escapeOption(value)}`).join("&")}`;
  }
  return pointer === undefined ? text : `${text}#${pointer}`;
}

const escapeReserved = (text: string): string => text.replace(/[%?#]/g, encodeURIComponent);

// A "::" would end the ref, and a trailing ":" would join the "::" that follows it.
const escapeRef = (ref: string): string =>
  escapeReserved(ref).replace(/::|:$/g, (colons) => "%3A".repeat(colons.length));

const escapeOption = (text: string): string => text.replace(/[%?#&=]/g, encodeURIComponent);
