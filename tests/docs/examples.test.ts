import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { blocksOf } from "./blocks.ts";

const documents = globSync(["*.md", "docs/**/*.md", "packages/*/README.md"]).sort();

describe("code in a document is code that runs", () => {
  test.each(documents)("%s", (path) => {
    for (const { language, file, code } of blocksOf(path)) {
      if (!["ts", "js", "json"].includes(language)) continue;
      // Each shows a file of examples/ whole, which has a test of its own.
      expect({ code, file }).toEqual({ code, file: expect.stringMatching(/^examples\//) });
      expect(code).toBe(readFileSync(String(file), "utf8"));
    }
  });
});
