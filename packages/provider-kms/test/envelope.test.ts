import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Binding, openEnvelope, overheadBytes, sealEnvelope } from "../src/envelope.ts";

const dataKey = randomBytes(32);
const binding: Binding = {
  scheme: "kms",
  keyArn: "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  wrapped: "AQIDAHh3cmFwcGVk",
  context: { stage: "prod", app: "shop" },
  name: "db",
  path: undefined,
};
const secret = Buffer.from("correct horse battery");
const refused = expect.objectContaining({ code: "ERR_SECRET_INTEGRITY" });
const opens = (sealed: Uint8Array, as: Binding = binding, key: Uint8Array = dataKey) => openEnvelope(key, sealed, as);

describe("what is sealed opens as it was", () => {
  test("of any size, also of nothing, and of bytes that are no text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
        expect([...opens(sealEnvelope(dataKey, value, binding))]).toEqual([...value]);
      }),
    );
    const large = randomBytes(1_000_000);
    expect(large.equals(opens(sealEnvelope(dataKey, large, binding)))).toBe(true);
  });

  test("and weighs 81 bytes more", () => {
    expect(overheadBytes).toBe(81);
    for (const size of [0, 1, 100]) {
      expect(sealEnvelope(dataKey, Buffer.alloc(size), binding)).toHaveLength(overheadBytes + size);
    }
  });

  test("never twice alike, in no part but its first byte", () => {
    const [one, two] = [1, 2].map(() => sealEnvelope(dataKey, secret, binding)) as [Uint8Array, Uint8Array];
    const parts = (sealed: Uint8Array) =>
      [sealed.slice(1, 33), sealed.slice(33, 65), sealed.slice(65, -16), sealed.slice(-16)].map(String);
    expect(parts(one).filter((part) => parts(two).includes(part))).toEqual([]);
  });

  test("in memory of its own, not in the pool that small buffers share", () => {
    const opened = opens(sealEnvelope(dataKey, secret, binding));
    expect(opened.buffer.byteLength).toBe(secret.length);
  });
});

describe("of a sealed value every byte counts", () => {
  const sealed = sealEnvelope(dataKey, secret, binding);
  const positions = [...sealed.keys()];
  const at = (position: number, ...bytes: readonly number[]) =>
    Buffer.concat([sealed.subarray(0, position), Uint8Array.from(bytes), sealed.subarray(position)]);

  test("flipped, in any bit", () => {
    for (const position of positions) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(sealed);
        flipped[position] = (flipped[position] as number) ^ (1 << bit);
        expect(() => opens(flipped)).toThrow(refused);
      }
    }
  });

  test("truncated, at either end, down to nothing", () => {
    for (const position of positions) {
      expect(() => opens(sealed.subarray(0, position))).toThrow(refused);
      expect(() => opens(sealed.subarray(position + 1))).toThrow(refused);
    }
  });

  test("left out or extended, anywhere", () => {
    for (const position of positions) {
      const without = Buffer.concat([sealed.subarray(0, position), sealed.subarray(position + 1)]);
      expect(() => opens(without)).toThrow(refused);
      expect(() => opens(at(position, 0))).toThrow(refused);
      expect(() => opens(at(position, 0xff, 0))).toThrow(refused);
    }
    expect(() => opens(at(sealed.length, 0))).toThrow(refused);
  });

  test("replaced by anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (other) => {
        expect(() => opens(other)).toThrow(refused);
        expect(() => opens(Buffer.concat([Uint8Array.of(1), other]))).toThrow(refused);
      }),
    );
  });

  test("its parts mixed with those of another value under the same data key", () => {
    const other = sealEnvelope(dataKey, secret, binding);
    for (const cut of positions.slice(2)) {
      const mixed = Buffer.concat([sealed.subarray(0, cut), other.subarray(cut)]);
      expect(() => opens(mixed)).toThrow(refused);
    }
  });
});

describe("what a value is bound to", () => {
  const sealed = sealEnvelope(dataKey, secret, binding);

  test.each<[string, Partial<Binding>]>([
    ["another name", { name: "token" }],
    ["no name", { name: undefined }],
    ["the name in other case", { name: "DB" }],
    ["another key", { keyArn: binding.keyArn.replace("1234abcd", "ffffffff") }],
    ["the key in another region", { keyArn: binding.keyArn.replace("us-west-1", "us-west-2") }],
    ["another wrapped data key", { wrapped: "AQIDAHh3cmFwcGVj" }],
    ["another scheme", { scheme: "kmsfile" }],
    ["a path", { path: "certs/server.pem" }],
    ["another stage", { context: { ...binding.context, stage: "dev" } }],
    ["a pair more", { context: { ...binding.context, more: "" } }],
    ["a pair less", { context: { stage: "prod" } }],
    ["no context", { context: {} }],
    ["the name as a pair", { context: { ...binding.context, name: "db" }, name: undefined }],
    ["the name as a path", { name: undefined, path: "db" }],
  ])("it does not open under %s", (_, change) => {
    expect(() => opens(sealed, { ...binding, ...change })).toThrow(refused);
  });

  test("no two bindings are alike, whatever the texts in them", () => {
    // Few characters, so that fields meet that would run together without their lengths; digits, which objects reorder.
    const word = fc.string({ unit: fc.constantFrom("a", "1", "2", "\0", "é", "\u{10000}"), maxLength: 3 });
    const bindings = fc.record({
      scheme: fc.constantFrom<Binding["scheme"]>("kms", "kmsfile"),
      keyArn: word,
      wrapped: word,
      context: fc.dictionary(word, word, { maxKeys: 2 }),
      name: fc.option(fc.constantFrom("a", "1"), { nil: undefined }),
      path: fc.option(fc.constantFrom("a", "1"), { nil: undefined }),
    });
    const key = ({ context, ...rest }: Binding) => JSON.stringify([rest, Object.entries(context).sort()]);
    fc.assert(
      fc.property(bindings, bindings, (one, two) => {
        fc.pre(key(one) !== key(two));
        expect(() => opens(sealEnvelope(dataKey, secret, one), two)).toThrow(refused);
      }),
      { numRuns: 500 },
    );
  });

  test("the order in which its context is written is none", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([name]) => name }), (pairs) => {
        const [forth, back] = [pairs, pairs.toReversed()].map((all) => ({
          ...binding,
          context: Object.fromEntries(all),
        }));
        expect(opens(sealEnvelope(dataKey, secret, forth as Binding), back as Binding)).toEqual(secret);
      }),
    );
  });
});

describe("a value opens under one data key alone", () => {
  const other = randomBytes(32);
  const sealed = sealEnvelope(dataKey, secret, binding);

  test("not under another", () => {
    expect(() => opens(sealed, binding, other)).toThrow(refused);
  });

  // AES-GCM lets one make a value that verifies under two keys. The commitment is what tells them apart.
  test("not under another for which AES-GCM itself verifies", () => {
    const salt = sealed.subarray(1, 33);
    const derived = Buffer.from(hkdfSync("sha256", other, salt, "serverless-secrets/1", 76));
    const [key, nonce] = [derived.subarray(0, 32), derived.subarray(32, 44)];
    const aad = aadOf(binding);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    const withCommitment = (commitment: Uint8Array) =>
      Buffer.concat([Uint8Array.of(1), salt, commitment, ciphertext, cipher.getAuthTag()]);

    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(aad).setAuthTag(cipher.getAuthTag());
    expect(Buffer.concat([decipher.update(ciphertext), decipher.final()])).toEqual(secret);
    expect(opens(withCommitment(derived.subarray(44)), binding, other)).toEqual(secret);
    expect(() => opens(withCommitment(sealed.subarray(33, 65)), binding, other)).toThrow(refused);
    expect(() => opens(withCommitment(sealed.subarray(33, 65)))).toThrow(refused);
  });

  test.each([0, 16, 24, 31, 33, 64])("a data key of %d bytes seals nothing and opens nothing", (size) => {
    const short = Buffer.alloc(size, 1);
    expect(() => opens(sealed, binding, short)).toThrow(refused);
    expect(() => sealEnvelope(short, secret, binding)).toThrow(refused);
  });
});

test("no error shows the value, the data key or the sealed value", () => {
  const sealed = sealEnvelope(dataKey, secret, binding);
  for (const damaged of [sealed.subarray(1), sealed.subarray(0, -1), Buffer.concat([sealed, Uint8Array.of(0)])]) {
    let shown = "";
    try {
      opens(damaged);
    } catch (error) {
      shown = `${(error as Error).stack}${JSON.stringify(error)}`;
    }
    expect(shown).toContain("does not verify");
    for (const hidden of [secret, dataKey, damaged.subarray(0, 33)]) {
      for (const spelling of ["utf8", "hex", "base64", "base64url"] as const) {
        expect(shown).not.toContain(Buffer.from(hidden).toString(spelling));
      }
    }
  }
});

/** The format's additional data, written again as docs/formats.md says. */
function aadOf({ scheme, keyArn, wrapped, context, name = "", path = "" }: Binding): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = ["1", scheme, keyArn, wrapped, `${pairs.length}`, ...pairs.flat(), name, path];
  return Buffer.concat(
    fields.flatMap((field) => [Buffer.from([0, 0, 0, Buffer.byteLength(field)]), Buffer.from(field)]),
  );
}
