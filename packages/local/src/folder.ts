import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { lock } from "./lock.ts";
import { readPrivate, writePrivate } from "./privatefile.ts";
import { part, type State } from "./state.ts";

const version = 1;

/**
 * State in a folder that its owner alone can read: key material is inside. It is made (mode 0700) where it does not exist.
 *
 * @throws Error where the folder is a symbolic link, is another's, can be read by others, is in use by another server, or
 *   holds a state that does not read.
 */
export function folderState(given: string): State {
  const path = resolve(given); // Without a slash at its end, which would follow a symbolic link.
  mkdirSync(path, { recursive: true, mode: 0o700 });
  checkPrivate(path);
  const folder = realpathSync(path);
  const unlock = lock(folder);
  try {
    const file = join(folder, "state.json");
    for (const name of readdirSync(folder)) if (/^state\.json\..+\.tmp$/.test(name)) rmSync(join(folder, name));
    const parts = read(file);
    let closed = false;
    return {
      of: (service) => part(parts, service),
      save() {
        if (closed) throw new Error(`${folder} is no longer ours`); // a call that was under way when the server stopped
        writePrivate(file, JSON.stringify({ version, ...Object.fromEntries(parts) }));
      },
      close() {
        closed = true;
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function checkPrivate(path: string): void {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) throw new Error(`${path} is no folder (a symbolic link to one is not followed)`);
  if (process.getuid === undefined) return; // Windows has no modes; there its user's own folders are private
  if (stat.uid !== process.getuid()) throw new Error(`${path} belongs to another user`);
  if ((stat.mode & 0o077) !== 0) {
    throw new Error(`${path} can be read by others, and key material is kept in it: chmod 700 ${path}`);
  }
}

function read(file: string): Map<string, unknown> {
  const text = readPrivate(file);
  if (text === undefined) return new Map();
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON`); // V8's own message would quote it
  }
  const { version: found, ...parts } = Object(state) as Record<string, unknown>;
  if (found !== version) throw new Error(`${file} is of another version of local AWS: expected ${version}`);
  return new Map(Object.entries(parts));
}
