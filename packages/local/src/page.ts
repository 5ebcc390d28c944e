/** A page of a list, and the token of the next one where there is more. */
export interface Page<T> {
  readonly page: readonly T[];
  readonly next?: string;
}

/** The token of a first page: it stands before every name. */
export const firstPage: string = encoded("\0");

/**
 * Cuts a page out of a list that is sorted by `nameOf`. The token is the last name given, so that a page stays right when things
 * come and go between two calls.
 *
 * @param invalid makes the error for a token that is none.
 */
export function pageOf<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  limit: number,
  token: string | undefined,
  invalid: () => Error,
): Page<T> {
  const last = token === undefined ? "" : Buffer.from(token, "base64url").toString();
  if (token !== undefined && encoded(last) !== token) throw invalid();
  const rest = all.filter((one) => nameOf(one) > last);
  const page = rest.slice(0, limit);
  const end = page.at(-1);
  return end === undefined || rest.length === page.length ? { page } : { page, next: encoded(nameOf(end)) };
}

function encoded(name: string): string {
  return Buffer.from(name).toString("base64url");
}
