import { SecretError } from "@serverless-secrets/core";

/**
 * Checks the path of a `kmsfile::` reference: relative and POSIX, and naming one file below the root however often it may
 * be percent-decoded. Pure; what symbolic links make of it is looked at when the file is read.
 * @throws SecretError `ERR_SECRET_REFERENCE`
 */
export function checkPath(path: string): string {
  for (const spelling of spellings(path)) {
    const segments = spelling.split("/");
    const isDrive = /^[A-Za-z]:/.test(spelling);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL and its like end a path early in other code.
    const isStrange = /[\\\u0000-\u001f\u007f]/.test(spelling);
    if (
      isDrive ||
      isStrange ||
      !spelling.isWellFormed() ||
      segments.some((segment) => ["", ".", ".."].includes(segment))
    ) {
      throw new SecretError(
        "ERR_SECRET_REFERENCE",
        "the reference cannot be used: its path is not a relative path below the root, such as certs/server.pem.",
      );
    }
  }
  return path;
}

/** A path, and what is left of it each time that its escapes are decoded. Each decoding makes it shorter. */
function spellings(path: string): readonly string[] {
  // Single bytes: what is looked for is ASCII. decodeURIComponent would decode nothing where one escape is wrong.
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded === path ? [path] : [path, ...spellings(decoded)];
}
