/** What `point` found: a member, or that there is none. */
export type Pointed = { readonly found: true; readonly member: unknown } | { readonly found: false };

/**
 * Picks a member of a JSON document by a JSON Pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901), section 4).
 * Only own members count: `/constructor` finds nothing in `{}`.
 * @param document a parsed JSON document
 * @param pointer the pointer, e.g. `/users/0/password`; the empty string means the whole document
 */
export function point(document: unknown, pointer: string): Pointed {
  let member = document;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof member !== "object" || member === null || !Object.hasOwn(member, key)) return { found: false };
    // An index has one spelling (no "01", no "-"), and an array's "length" is no member of the document.
    if (Array.isArray(member) && !/^(0|[1-9]\d*)$/.test(key)) return { found: false };
    member = (member as Record<string, unknown>)[key];
  }
  return { found: true, member };
}
