import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, jest, test } from "@jest/globals";
import { defaultRoot, readFile } from "../src/file.ts";

const folder = await mkdtemp(join(tmpdir(), "kmsfile-"));
afterAll(() => rm(folder, { recursive: true }));
const root = join(folder, "root");
await mkdir(join(root, "certs"), { recursive: true });
await mkdir(join(folder, "root-beside"));
await writeFile(join(root, "certs/server.pem"), "within");
await writeFile(join(folder, "outside"), "outside");
await writeFile(join(folder, "root-beside/file"), "beside");

const outcome = (path: string, from = root): unknown => {
  try {
    return Buffer.from(readFile(from, [path])).toString();
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the root", () => {
  test.each([root, `${root}/`, `${root}//`, `${root}/certs/..`])("%s", (from) => {
    expect(outcome("certs/server.pem", from)).toBe("within");
  });

  test("may be the whole file system", () => {
    expect(outcome(join(root, "certs/server.pem").slice(1), "/")).toBe("within");
  });

  test("may be a link itself, as may what is above it", async () => {
    await symlink(root, join(folder, "linked"));
    expect(outcome("certs/server.pem", join(folder, "linked"))).toBe("within");
    expect(outcome("server.pem", join(folder, "linked/certs"))).toBe("within");
  });

  test("of no name is the working folder, not the file system's root", () => {
    const file = join(root, "certs/server.pem").slice(1);
    expect(outcome(file, "")).toMatch(/NOT_FOUND/);
    expect(outcome("package.json", "")).toMatch(/workspace/);
  });

  test("is by default where the function is deployed, else the working folder", () => {
    const { LAMBDA_TASK_ROOT } = process.env;
    try {
      for (const [value, expected] of [
        ["/var/task", "/var/task"],
        ["", process.cwd()],
      ] as const) {
        process.env["LAMBDA_TASK_ROOT"] = value;
        expect(defaultRoot()).toBe(expected);
      }
      delete process.env["LAMBDA_TASK_ROOT"];
      expect(defaultRoot()).toBe(process.cwd());
    } finally {
      if (LAMBDA_TASK_ROOT !== undefined) process.env["LAMBDA_TASK_ROOT"] = LAMBDA_TASK_ROOT;
    }
  });
});

describe("what is not read", () => {
  test("a file that is not there: the error says where it was looked for", () => {
    expect(outcome("certs/other.pem")).toMatch(
      new RegExp(`^ERR_SECRET_NOT_FOUND: there is no file certs/other.pem below ${root}\\. Deploy it`),
    );
    expect(outcome("certs/server.pem/more")).toMatch(/NOT_FOUND/);
    expect(outcome("server.pem", join(folder, "no-such-root"))).toMatch(/NOT_FOUND/);
  });

  test("through a link out of the root: of a file, of a folder, to what has the root's name at its start", async () => {
    await symlink("../outside", join(root, "file-link"));
    await symlink("..", join(root, "folder-link"));
    await symlink("../root-beside", join(root, "beside-link"));
    await symlink("/", join(root, "top-link"));
    for (const path of ["file-link", "folder-link/outside", "beside-link/file", `top-link${folder}/outside`]) {
      expect(outcome(path)).toMatch(
        /^ERR_SECRET_INTEGRITY: the file \S+ is a symbolic link that leads out of the root/,
      );
    }
  });

  test("a link within the root is read; one to nothing, or in a circle, is no file", async () => {
    await symlink("certs/server.pem", join(root, "within"));
    await symlink("nowhere", join(root, "dangling"));
    await symlink("circle", join(root, "circle"));
    expect(outcome("within")).toBe("within");
    expect(outcome("folder-link/root/certs/server.pem")).toBe("within");
    expect(outcome("dangling")).toMatch(/NOT_FOUND/);
    expect(outcome("circle")).toMatch(/NOT_FOUND/);
  });

  test("what is no regular file, and at once: a folder, a pipe that nobody writes to, a socket", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer().listen(join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect(outcome("certs")).toMatch(/INTEGRITY: the file certs is no regular file/);
    expect(outcome("pipe")).toMatch(/INTEGRITY: the file pipe is no regular file/);
    expect(outcome("socket")).toMatch(/INTEGRITY: the file socket cannot be opened as a regular file/);
    expect(outcome("dev/null", "/")).toMatch(/INTEGRITY: the file dev\/null is no regular file/);
    server.close();
  });

  test("a file over 64 MiB, before a byte of it is read", async () => {
    await writeFile(join(root, "large"), "");
    await truncate(join(root, "large"), 64 * 1_024 * 1_024 + 1);
    expect(outcome("large")).toBe("ERR_SECRET_INTEGRITY: the file large is over 64 MiB.");
    await truncate(join(root, "large"), 64 * 1_024 * 1_024);
    expect(readFile(root, ["large"])).toHaveLength(64 * 1_024 * 1_024);
  });

  test("a file that may not be read: the error says how to pack it", () => {
    const open = jest.spyOn(fs, "openSync").mockImplementation(() => {
      throw Object.assign(new Error("CANARY"), { code: "EACCES" });
    });
    try {
      expect(outcome("certs/server.pem")).toMatch(/^ERR_SECRET_ACCESS_DENIED: .*EACCES.*chmod a\+r/);
    } finally {
      open.mockRestore();
    }
  });

  test("a link that was put in the file's place after it was looked at", () => {
    const { realpathSync } = fs;
    const look = jest
      .spyOn(fs, "realpathSync")
      .mockImplementation(((path: string) =>
        path.endsWith("file-link") ? path : realpathSync(path)) as typeof realpathSync);
    try {
      expect(outcome("file-link")).toMatch(/INTEGRITY: the file file-link cannot be opened as a regular file/);
    } finally {
      look.mockRestore();
    }
  });

  test("a file that is at two of its places", async () => {
    await mkdir(join(root, "secrets/kmsfile"), { recursive: true });
    await writeFile(join(root, "secrets/kmsfile/twice"), "old");
    expect(Buffer.from(readFile(root, ["twice", "secrets/kmsfile/twice"])).toString()).toBe("old");
    await writeFile(join(root, "twice"), "new");
    expect(() => readFile(root, ["twice", "secrets/kmsfile/twice"])).toThrow(
      /INTEGRITY: the file twice is there twice/,
    );
  });
});
