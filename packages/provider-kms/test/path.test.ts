import { describe, expect, test } from "@jest/globals";
import { formatReference, parseReference } from "@serverless-secrets/core";
import fc from "fast-check";
import { kmsfile } from "../src/index.ts";
import { checkPath } from "../src/path.ts";

const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const wrapped = Buffer.from("not a real data key").toString("base64url");

describe("a path names one file below the root", () => {
  test.each([
    "server.pem",
    "certs/server.pem",
    "a/b/c/d",
    ".hidden",
    "...",
    "..a/b..",
    "a b.txt",
    "naïve ☃.txt",
    "100%.txt",
    "%zz",
    "ab:c",
    "1.AQID",
  ])("%j may be read", (path) => {
    expect(checkPath(path)).toBe(path);
    const reference = { scheme: "kmsfile", ref: keyArn, payload: `1.${wrapped}::${path}`, options: new Map() };
    expect(kmsfile().parse(parseReference(formatReference(reference))).path).toBe(path);
  });

  test.each([
    ["empty", ""],
    ["absolute", "/etc/passwd"],
    ["up", ".."],
    ["up and down", "../secret"],
    ["up in the middle", "a/../../b"],
    ["up at the end", "a/.."],
    ["the root itself", "."],
    ["here", "./a"],
    ["here in the middle", "a/./b"],
    ["an empty segment", "a//b"],
    ["a folder", "a/"],
    ["two slashes at the start", "//server/share"],
    ["a backslash", "a\\b"],
    ["up by a backslash", "..\\b"],
    ["a drive", "C:/windows"],
    ["a drive's own folder", "c:windows"],
    ["NUL", "a\0.pem"],
    ["a line break", "a\nb"],
    ["DEL", "a\u007fb"],
    ["half a surrogate pair", "a\ud800b"],
    ["up, escaped", "%2e%2e/a"],
    ["up, escaped in capitals", "%2E%2E%2Fa"],
    ["up, half escaped", ".%2e/a"],
    ["up, escaped twice", "%252e%252e/a"],
    ["up, escaped four times", "%252525252e%252525252e/a"],
    ["up, beside a wrong escape", "%2e%2e/%zz"],
    ["a slash, escaped", "%2fetc/passwd"],
    ["a backslash, escaped", "a%5cb"],
    ["NUL, escaped", "a%00.pem"],
    ["a drive, escaped", "C%3a/x"],
  ])("%s may not", (_, path) => {
    expect(() => checkPath(path)).toThrow(
      expect.objectContaining({ code: "ERR_SECRET_REFERENCE", message: expect.stringMatching(/relative path/) }),
    );
  });

  test("none of what is let pass has a segment that is no name, however often it is decoded", () => {
    const tricky = fc.string({
      unit: fc.constantFrom(".", "/", "%", "2", "e", "5", "f", "a", "\\", "c"),
      maxLength: 14,
    });
    fc.assert(
      fc.property(tricky, (path) => {
        try {
          checkPath(path);
        } catch {
          return;
        }
        for (let spelling = path, last = ""; spelling !== last; last = spelling, spelling = decodeOnce(spelling)) {
          expect(spelling.split(/[/\\]/).filter((segment) => ["", ".", ".."].includes(segment))).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
