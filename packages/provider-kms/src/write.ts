import { randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SecretError } from "@serverless-secrets/core";
import { isBelow } from "./file.ts";

/**
 * Writes a file below a root whole or not at all, and nothing through a symbolic link: one that leads out of the root is
 * refused before a folder is made behind it, one in the file's place is replaced.
 * @param root must be there
 * @param path as `checkPath` lets it pass; its folders are made
 * @throws SecretError `ERR_SECRET_REFERENCE` for such a link; else what the file system throws
 */
export async function writeBelow(root: string, path: string, contents: Uint8Array): Promise<void> {
  const realRoot = await realpath(root || ".");
  const folders = path.split("/");
  const name = folders.pop() as string;
  let folder = realRoot;
  for (const next of folders) {
    folder = join(folder, next);
    await mkdir(folder).catch(unlessThere);
    folder = await realpath(folder);
    if (folder !== realRoot && !isBelow(realRoot, folder)) {
      throw new SecretError("ERR_SECRET_REFERENCE", "the path leads out of the root by a symbolic link.");
    }
  }
  const file = join(folder, name);
  const written = `${file}.${randomUUID()}`;
  try {
    await writeFile(written, contents, { flag: "wx" });
    await rename(written, file);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}

function unlessThere(error: { readonly code?: string }): void {
  if (error.code !== "EEXIST") throw error;
}
