/**
 * What a foreign error goes by, fit for a message: its `code`, else its `name`, and `Error` where that is no plain word.
 * @param error anything that was thrown
 */
export function safeName(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return plainWord(code) ?? plainWord(name) ?? "Error";
}

/**
 * A text that is one plain word of at most 100 characters, as error names and request ids are; else undefined.
 * Whatever else a server sends, it does not reach a log.
 */
export function plainWord(text: unknown): string | undefined {
  return typeof text === "string" && /^[A-Za-z0-9_.-]{1,100}$/.test(text) ? text : undefined;
}
