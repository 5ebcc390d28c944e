import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { point } from "../src/pointer.ts";

const absent = { found: false };

describe("RFC 6901, section 5: its own examples", () => {
  const document = JSON.parse(String.raw`{
    "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8
  }`);

  test.each<[string, unknown]>([
    ["", document],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
  ])("%j", (pointer, member) => {
    expect(point(document, pointer)).toEqual({ found: true, member });
  });
});

describe("a pointer finds what is in the document", () => {
  test("~01 is ~1, not a slash", () => {
    expect(point({ "~1": "tilde one", "/": "slash" }, "/~01")).toEqual({ found: true, member: "tilde one" });
  });

  test.each([null, false, 0, ""])("a member that is %p is there", (member) => {
    expect(point({ member }, "/member")).toEqual({ found: true, member });
  });

  test("a member may be called __proto__", () => {
    const document = JSON.parse('{"__proto__": {"a": 1}}');
    expect(point(document, "/__proto__/a")).toEqual({ found: true, member: 1 });
  });

  test("any path of any document leads to its member", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), fc.jsonValue(), (keys, member) => {
        const document = keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), member);
        const pointer = keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
        expect(point(document, pointer)).toEqual({ found: true, member });
      }),
    );
  });
});

describe("a pointer finds nothing else", () => {
  test.each<[unknown, string]>([
    [{}, "/a"],
    [{ a: 1 }, "/a/b"],
    [{ a: null }, "/a/b"],
    [{ a: "text" }, "/a/0"],
    [{ a: "text" }, "/a/length"],
    [{}, "/constructor"],
    [{}, "/__proto__"],
    [{}, "/toString"],
    [["a"], "/length"],
    [["a"], "/1"],
    [["a"], "/-"],
    [["a"], "/00"],
    [["a"], "/-0"],
    [["a"], "/+0"],
    [["a"], "/0x0"],
    [["a"], "/ 0"],
    [["a"], "/"],
    [["a"], "/map"],
    [null, "/a"],
    ["text", "/0"],
    [{ A: 1 }, "/a"],
  ])("in %j at %s", (document, pointer) => {
    expect(point(document, pointer)).toEqual(absent);
  });
});
