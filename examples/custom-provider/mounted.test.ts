import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createResolver } from "@serverless-secrets/core";
import { providerConformance } from "@serverless-secrets/core/testing";
import { mounted } from "./mounted.ts";

async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mounted-"));
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, name), value);
  return folder;
}

providerConformance(test, async () => ({
  provider: mounted(await folderOf({ "db-password": "correct horse", "tls.key": Uint8Array.of(0, 255, 254) })),
  existing: [
    { reference: "mounted::db-password", value: "correct horse" },
    { reference: "mounted::tls.key", value: Uint8Array.of(0, 255, 254) },
  ],
  missing: "mounted::no-such-file",
  malformed: ["mounted::../etc/passwd", "mounted::db-password::2", "mounted::.hidden"],
}));

test("it is used like any other provider", async () => {
  const { resolve } = createResolver({ providers: [mounted(await folderOf({ db: '{"password":"correct horse"}' }))] });
  expect(await resolve("mounted::db#/password")).toBe("correct horse");
});
