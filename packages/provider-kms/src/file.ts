import { SecretError } from "@serverless-secrets/core";

/** A larger file is no secret. */
export const maxFileBytes: number = 64 * 1_024 * 1_024;

// Not imported: who reads no file does not pay for the modules at the start.
const fs = () => process.getBuiltinModule("node:fs");
const path = () => process.getBuiltinModule("node:path");

/** Where files are if the options do not say: what is deployed with the function. */
export const defaultRoot = (): string => process.env["LAMBDA_TASK_ROOT"] || process.cwd();

/**
 * Reads a file below a root.
 * @param paths relative to the root; the file is at exactly one of them
 * @returns its bytes, at most 64 MiB
 * @throws SecretError `ERR_SECRET_NOT_FOUND`: it is at none of them. `ERR_SECRET_ACCESS_DENIED`: it may not be read.
 * `ERR_SECRET_INTEGRITY`: a symbolic link leads out of the root, it is no regular file, too large, or at two of them
 */
export function readFile(root: string, paths: readonly string[]): Uint8Array {
  const found = paths.flatMap((relative) => realPath(path().join(root, relative)) ?? []);
  const [file] = found;
  const name = paths[0] ?? "";
  if (file === undefined) {
    throw new SecretError(
      "ERR_SECRET_NOT_FOUND",
      `there is no file ${name} below ${root}. Deploy it with the function, or give the root it is in: kmsfile({ root }).`,
    );
  }
  if (found.length > 1) throw unsafe(name, "is there twice. Remove the one that is not meant");
  if (!isBelow(realPath(root), file)) {
    throw unsafe(name, "is a symbolic link that leads out of the root. Put the file itself there");
  }
  const descriptor = open(file, name);
  try {
    const stats = fs().fstatSync(descriptor);
    if (!stats.isFile()) throw unsafe(name, "is no regular file");
    if (stats.size > maxFileBytes) throw unsafe(name, `is over ${maxFileBytes / 1_048_576} MiB`);
    return fs().readFileSync(descriptor);
  } finally {
    fs().closeSync(descriptor);
  }
}

/** Whether a real path lies below a real root. */
export function isBelow(root: string | undefined, file: string): boolean {
  const { sep } = path();
  return root !== undefined && file.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Opens what was looked at: no link put in its place meanwhile, and no pipe that waits for a writer. */
function open(file: string, name: string): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs().constants; // The last two are undefined on Windows.
  try {
    return fs().openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "EACCES" && code !== "EPERM") throw unsafe(name, "cannot be opened as a regular file");
    throw new SecretError(
      "ERR_SECRET_ACCESS_DENIED",
      `the file ${name} may not be read (${code}). Make it readable to all before it is packed: chmod a+r.`,
    );
  }
}

/** Undefined where nothing is there, or nothing that may be looked at. */
function realPath(file: string): string | undefined {
  try {
    return fs().realpathSync(file);
  } catch {
    return undefined;
  }
}

const unsafe = (name: string, why: string): SecretError =>
  new SecretError("ERR_SECRET_INTEGRITY", `the file ${name} ${why}.`);
