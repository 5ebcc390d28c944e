import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

test("no rejection is left unhandled, and node ends by itself", async () => {
  const script = fileURLToPath(new URL("./fixtures/unhandled.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  expect(JSON.parse(stdout)).toEqual({
    unhandled: [],
    done: ["refresh behind", "decoding", "late failures", "batches"],
    // Where Object.prototype is frozen, as some harden it, a plain object is still told from resolved secrets.
    hardened: { db: "x" },
  });
}, 30_000);
