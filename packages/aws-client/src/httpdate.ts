/**
 * Reads a date as HTTP writes it: `Tue, 01 Jan 2030 00:00:00 GMT`.
 * @returns ms since the epoch; undefined for anything else
 */
export function httpDateMs(text: string | undefined): number | undefined {
  // `Date.parse` alone takes much for a date, such as -5.
  if (text === undefined || !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
