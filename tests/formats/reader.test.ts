import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import vectors from "./vectors.json" with { type: "json" };

// docs/formats.md is enough to read what is sealed: reader.py, which it shows, was written from it in another language.

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const printed = execFileSync(path(".venv/bin/python"), [path("read_vectors.py")], { encoding: "utf8" });
const outcomes: Record<string, { plaintextBase64?: string; error?: string }> = JSON.parse(printed);

describe("the reader in Python opens", () => {
  for (const { id, plaintextBase64 } of vectors.vectors) {
    if (plaintextBase64 !== undefined) test(id, () => assert.deepEqual(outcomes[id], { plaintextBase64 }));
  }
});

describe("the reader in Python refuses", () => {
  for (const { id, refused } of vectors.vectors) {
    if (refused !== undefined)
      test(id, () => assert.match(outcomes[id]?.error ?? "it opened", /^(ValueError|InvalidTag)$/));
  }
});
