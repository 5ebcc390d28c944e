import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Folders that this process holds: a process number alone cannot tell two servers of one process apart. */
const held = new Set<string>();

/**
 * Takes a folder for this server alone: two would overwrite each other's keys. A lock whose process is gone is taken over.
 *
 * @returns what gives it back.
 * @throws Error that names the process which holds it.
 */
export function lock(folder: string): () => void {
  const file = join(folder, "lock");
  if (held.has(folder)) throw inUse(folder, process.pid);
  try {
    take(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = Number(readFileSync(file, "utf8"));
    // Our own number, though this process does not hold it: left by an earlier process (in a container they recur).
    if (holder !== process.pid && isAlive(holder)) throw inUse(folder, holder);
    // Moved away, not removed: of several that find it, one alone can.
    const stale = `${file}.${process.pid}`;
    renameSync(file, stale);
    rmSync(stale, { force: true });
    take(file);
  }
  held.add(folder);
  return () => {
    if (held.delete(folder)) rmSync(file, { force: true });
  };
}

const take = (file: string): void => writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });

function inUse(folder: string, pid: number): Error {
  return new Error(`${folder} is in use by another local AWS (process ${pid}): stop it, or choose another folder`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, as another user's
  }
}
