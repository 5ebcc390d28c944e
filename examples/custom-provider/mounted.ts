import { readFile } from "node:fs/promises";
import { type Provider, readOptions, SecretError } from "@serverless-secrets/core";

/** Reads secrets that Docker or Kubernetes mounts as files: `mounted::db-password`. */
export function mounted(folder = "/run/secrets"): Provider {
  return {
    scheme: "mounted",
    parse(reference) {
      readOptions(reference);
      if (reference.payload !== undefined || !/^\w[\w.-]*$/.test(reference.ref)) {
        throw new SecretError("ERR_SECRET_REFERENCE", "expected mounted::NAME, where NAME is a file's name.");
      }
      return { id: reference.ref, pinned: false };
    },
    async fetch({ id }, { signal }) {
      try {
        return await readFile(`${folder}/${id}`, { signal });
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") throw error;
        throw new SecretError("ERR_SECRET_NOT_FOUND", "no such file is mounted. Mount it, or correct the name.");
      }
    },
    permissions: () => [],
  };
}
