import { describe, expect, test } from "@jest/globals";
import { formatReference, isSecretError, parseReference, type Reference } from "@serverless-secrets/core";
import fc from "fast-check";
import { canary, everythingSaidOf, thrown } from "./canary.ts";

const plain = (reference: Reference) => ({ ...reference, options: Object.fromEntries(reference.options) });

describe("a reference reads as scheme :: ref :: payload ? options # pointer", () => {
  test.each<[string, object]>([
    ["ssm::/prod/db", { scheme: "ssm", ref: "/prod/db", options: {} }],
    ["ssm::/prod/db::3", { scheme: "ssm", ref: "/prod/db", payload: "3", options: {} }],
    ["s3-eu-2::x", { scheme: "s3-eu-2", ref: "x", options: {} }],
    ["s::a::b::c", { scheme: "s", ref: "a", payload: "b::c", options: {} }],
    ["s:::a", { scheme: "s", ref: ":a", options: {} }],
    ["s::a:::b", { scheme: "s", ref: "a", payload: ":b", options: {} }],
    ["s::a:b:c", { scheme: "s", ref: "a:b:c", options: {} }],
    ["s::a:", { scheme: "s", ref: "a:", options: {} }],
    [
      "kms::arn:aws:kms:eu-west-1:111122223333:key/1-2::AQ+/=",
      { scheme: "kms", ref: "arn:aws:kms:eu-west-1:111122223333:key/1-2", payload: "AQ+/=", options: {} },
    ],
    ["s::a%3A%3Ab::c%25", { scheme: "s", ref: "a::b", payload: "c%", options: {} }],
    ["s::%23%3F", { scheme: "s", ref: "#?", options: {} }],
    ["s::a b\nc", { scheme: "s", ref: "a b\nc", options: {} }],
    ["s::ключ/密/%F0%9F%94%91", { scheme: "s", ref: "ключ/密/🔑", options: {} }],
    ["s::a?region=eu-west-1&name=db", { scheme: "s", ref: "a", options: { region: "eu-west-1", name: "db" } }],
    ["s::a?x=", { scheme: "s", ref: "a", options: { x: "" } }],
    ["s::a?x=1=2", { scheme: "s", ref: "a", options: { x: "1=2" } }],
    ["s::a?x=a+b%20c", { scheme: "s", ref: "a", options: { x: "a+b c" } }],
    ["s::a?%26x=%3D", { scheme: "s", ref: "a", options: { "&x": "=" } }],
    ["s::a?x=?&y=::", { scheme: "s", ref: "a", options: { x: "?", y: "::" } }],
    ["s::a#", { scheme: "s", ref: "a", options: {}, pointer: "" }],
    ["s::a#/b", { scheme: "s", ref: "a", options: {}, pointer: "/b" }],
    ["s::a#/b?c=d#/e::f", { scheme: "s", ref: "a", options: {}, pointer: "/b?c=d#/e::f" }],
    ["s::a#/%20/~0~1", { scheme: "s", ref: "a", options: {}, pointer: "/%20/~0~1" }],
    ["s::a::b?c=d#/e", { scheme: "s", ref: "a", payload: "b", options: { c: "d" }, pointer: "/e" }],
  ])("%j", (text, expected) => {
    expect(plain(parseReference(text))).toEqual(expected);
  });

  test("options keep their order", () => {
    expect([...parseReference("s::a?z=1&a=2&m=3").options.keys()]).toEqual(["z", "a", "m"]);
  });
});

describe("a malformed reference is refused, told what to correct, and not quoted", () => {
  test.each<[why: string, text: string, message: RegExp]>([
    ["no ::", canary, /no "::".*take it out of the code and rotate it/],
    ["an empty text", "", /it is empty/],
    ["an ARN by itself", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf", /scheme before it/],
    ["a single colon", `ssm:${canary}`, /no "::"/],
    ["the :: stands in the options", `${canary}?a=::b`, /no "::"/],
    ["the :: stands in the pointer", `${canary}#/::`, /no "::"/],
    ["no scheme", `::${canary}`, /no scheme/],
    ["upper case in the scheme", `SSM::${canary}`, /no scheme/],
    ["a digit first in the scheme", `3s::${canary}`, /no scheme/],
    ["a newline after the scheme", `ssm\n::${canary}`, /no scheme/],
    ["a blank before the scheme", ` ssm::${canary}`, /no scheme/],
    ["a URL", `https://${canary}::x`, /no scheme/],
    ["an empty ref", "s::", /nothing stands between the first and the second "::"/],
    ["an empty ref before a payload", `s::::${canary}`, /nothing stands between/],
    ["an empty ref before options", `s::?a=${canary}`, /nothing stands between/],
    ["an empty payload", `s::${canary}::`, /nothing stands after the last "::"/],
    ["an empty payload before a pointer", `s::${canary}::#/a`, /nothing stands after the last "::"/],
    ["a bare ?", `s::${canary}?`, /nothing stands after "\?"/],
    ["a bare ? before a pointer", `s::${canary}?#/a`, /nothing stands after "\?"/],
    ["an option without =", `s::a?${canary}`, /not of the form key=value/],
    ["an option without a key", `s::a?=${canary}`, /not of the form key=value/],
    ["a trailing &", `s::a?x=${canary}&`, /not of the form key=value/],
    ["an option twice", `s::a?x=${canary}&x=${canary}`, /given twice/],
    ["an option twice, once encoded", `s::a?x=${canary}&%78=1`, /given twice/],
    ["a % at the end of the ref", `s::${canary}%`, /"%" in its ref.*%25/],
    ["a bad % in the payload", `s::a::${canary}%zz`, /"%" in its payload.*%25/],
    ["a bad % in an option", `s::a?x=${canary}%4`, /"%" in its options.*%25/],
    ["a % that is no UTF-8", `s::${canary}%FF`, /"%" in its ref.*%25/],
    ["a pointer without /", `s::a#${canary}`, /must begin with "\/"/],
    ["a bare ~ in the pointer", `s::a#/${canary}~`, /~0.*~1/],
    ["another ~ in the pointer", `s::a#/~2${canary}`, /~0.*~1/],
  ])("%s", (_why, text, message) => {
    const error = thrown(() => parseReference(text));
    expect(error.code).toBe("ERR_SECRET_REFERENCE");
    expect(error.message).toMatch(message);
  });

  test.each([undefined, null, 7, {}, [canary], Symbol("s")])("what is no string at all: %p", (text) => {
    expect(thrown(() => parseReference(text as unknown as string)).code).toBe("ERR_SECRET_REFERENCE");
  });
});

describe("for every text and every reference", () => {
  // Any UTF-16 at all, lone surrogates too, and often the characters that mean something.
  const unit = fc.oneof(
    fc.constantFrom(":", "::", "%", "?", "#", "&", "=", "/", "~", "+", "%3A", "é", "🔑", "\u2028", "\0"),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  );
  const anyText = (minLength = 0) => fc.array(unit, { minLength, maxLength: 8 }).map((units) => units.join(""));
  const pointer = fc
    .array(anyText(), { maxLength: 3 })
    .map((keys) => keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
  const reference: fc.Arbitrary<Reference> = fc.record(
    {
      scheme: fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/),
      ref: anyText(1),
      payload: anyText(1),
      options: fc.array(fc.tuple(anyText(1), anyText()), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      pointer,
    },
    { requiredKeys: ["scheme", "ref", "options"] },
  );

  test("what was formatted parses to the same reference, its options in their order", () => {
    fc.assert(
      fc.property(reference, (given) => {
        const parsed = parseReference(formatReference(given));
        expect(parsed).toEqual(given);
        expect([...parsed.options]).toEqual([...given.options]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("what parses formats to a text that means the same, and formatting that again changes nothing", () => {
    const texts = fc.oneof(
      fc.array(unit, { maxLength: 20 }).map((units) => `s::${units.join("")}`),
      reference.map((given) => formatReference(given).replaceAll("%3A", ":")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let parsed: Reference;
        try {
          parsed = parseReference(text);
        } catch {
          return;
        }
        const formatted = formatReference(parsed);
        expect(parseReference(formatted)).toEqual(parsed);
        expect(formatReference(parseReference(formatted))).toBe(formatted);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a reference without escapes formats to the text it came from", () => {
    const word = fc.stringMatching(/^[\w/.+=@ -]{1,12}$/);
    fc.assert(
      fc.property(word, word, word, (ref, payload, key) => {
        const text = `s::${ref}::${payload}?region=x#/${key.replaceAll("/", "")}`;
        expect(formatReference(parseReference(text))).toBe(text);
      }),
    );
  });

  test("parsing gives a reference or throws a SecretError, never anything else", () => {
    fc.assert(
      fc.property(anyText(), fc.constantFrom("", "s::", "s::a?", "s::a::", "s::a#"), (text, prefix) => {
        try {
          expect(parseReference(prefix + text).scheme).toMatch(/^[a-z][a-z0-9-]*$/);
        } catch (error) {
          expect(isSecretError(error) && error.code).toBe("ERR_SECRET_REFERENCE");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("no part of a malformed reference appears in its error", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{16,24}$/);
    const malformed = fc.constantFrom<(secret: string) => string>(
      (text) => text,
      (text) => `${text}::a`.toUpperCase(),
      (text) => `s::::${text}`,
      (text) => `s::${text}%`,
      (text) => `s::a::${text}%u1`,
      (text) => `s::a?${text}`,
      (text) => `s::a?k=1&k=${text}`,
      (text) => `s::a?${text}=%`,
      (text) => `s::a#${text}`,
      (text) => `s::a#/~${text}`.replace("~0", "~9").replace("~1", "~9"),
    );
    fc.assert(
      fc.property(secret, malformed, (text, make) => {
        const error = thrown(() => parseReference(make(text)));
        expect(everythingSaidOf(error).toLowerCase()).not.toContain(text.toLowerCase());
      }),
    );
  });
});
