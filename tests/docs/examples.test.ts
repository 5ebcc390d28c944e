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

  test("the reader in docs/formats.md is the one that CI runs against the vectors", () => {
    const [reader, ...others] = blocksOf("docs/formats.md").filter(({ language }) => language === "python");
    expect(others).toEqual([]);
    expect(reader?.file).toBe("tests/formats/reader.py");
    expect(reader?.code).toBe(readFileSync("tests/formats/reader.py", "utf8"));
  });
});
