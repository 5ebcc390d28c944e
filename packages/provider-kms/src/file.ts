import { SecretError } from "@serverless-secrets/core";

/** A larger file is no secret. */
const maxFileBytes = 64 * 1_024 * 1_024;

// Not imported: who reads no file does not pay for the module at the start.
const fs = () => process.getBuiltinModule("node:fs");

/** Where files are if the options do not say: what is deployed with the function. */
export const defaultRoot = (): string => process.env["LAMBDA_TASK_ROOT"] ?? process.cwd();

/**
 * Reads a file below a root.
 * @param paths relative to the root; the file is at exactly one of them
 * @returns its bytes, at most 64 MiB
 * @throws SecretError `ERR_SECRET_NOT_FOUND`: it is at none of them. `ERR_SECRET_INTEGRITY`: a symbolic link leads out of the
 * root, it is no regular file, too large, or at two of them
 */
export function readFile(root: string, paths: readonly string[]): Uint8Array {
  const found = paths.flatMap((path) => realPath(`${root}/${path}`) ?? []);
  const [file] = found;
  const name = paths[0] ?? "";
  if (file === undefined) {
    throw new SecretError(
      "ERR_SECRET_NOT_FOUND",
      `there is no file ${name} below ${root}. Deploy it with the function, or give the root it is in: kmsfile({ root }).`,
    );
  }
  if (found.length > 1) throw unsafe(name, "is there twice. Remove the one that is not meant");
  const realRoot = realPath(root) ?? root;
  if (!file.startsWith(realRoot.endsWith("/") ? realRoot : `${realRoot}/`)) {
    throw unsafe(name, "is a symbolic link that leads out of the root. Put the file itself there");
  }
  if (!fs().statSync(file).isFile()) throw unsafe(name, "is no regular file");
  const descriptor = fs().openSync(file, "r");
  try {
    if (fs().fstatSync(descriptor).size > maxFileBytes) throw unsafe(name, `is over ${maxFileBytes / 1_048_576} MiB`);
    return fs().readFileSync(descriptor);
  } finally {
    fs().closeSync(descriptor);
  }
}

/** Undefined where nothing is there, or nothing that may be looked at. */
function realPath(path: string): string | undefined {
  try {
    return fs().realpathSync(path);
  } catch {
    return undefined;
  }
}

const unsafe = (path: string, why: string): SecretError =>
  new SecretError("ERR_SECRET_INTEGRITY", `the file ${path} ${why}.`);
