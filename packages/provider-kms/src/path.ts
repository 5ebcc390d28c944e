import { SecretError } from "@serverless-secrets/core";

/**
 * Checks the path of a `kmsfile::` reference: relative and POSIX, and naming one file below the root however often it is
 * decoded. Pure; what symbolic links make of it is looked at when the file is read.
 * @throws SecretError `ERR_SECRET_REFERENCE`
 */
export function checkPath(path: string): string {
  for (const spelling of [path, decoded(path)]) {
    const segments = spelling.split("/");
    const isDrive = /^[A-Za-z]:/.test(spelling);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL and its like end a path early in other code.
    const isStrange = /[\\\u0000-\u001f\u007f]/.test(spelling);
    if (isDrive || isStrange || segments.some((segment) => ["", ".", ".."].includes(segment))) {
      throw new SecretError(
        "ERR_SECRET_REFERENCE",
        "the reference cannot be used: its path is not a relative path below the root, such as certs/server.pem.",
      );
    }
  }
  return path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
