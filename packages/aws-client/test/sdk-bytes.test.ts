import { describe, expect, test } from "@jest/globals";
import { blobs, fromSdk, toSdk } from "../src/sdk/bytes.ts";
import type { Service } from "../src/service.ts";
import { models } from "./models.ts";
import { operations } from "./operations.ts";

// A shape of the SDK's schemas: [kind, namespace, name, traits, member names, member schemas]; a list and a map have one
// schema in place of the names; a schema may stand behind a function. 21 is a blob, 64 and more a list of simple ones.
type Shape = readonly unknown[] | number | (() => Shape);

/** The names of the members below a shape that hold bytes, and of those that hold text. */
function members(
  shape: unknown,
  found = { bytes: new Set<string>(), text: new Set<string>() },
  seen = new Set(),
  name = "",
) {
  const schema = typeof shape === "function" ? (shape as () => Shape)() : shape;
  if (typeof schema === "number") {
    const simple = schema & 0x3f;
    if (simple === 21) found.bytes.add(name);
    if (simple === 0 && (schema & 0x80) === 0) found.text.add(name);
    return found;
  }
  if (!Array.isArray(schema) || seen.has(schema)) return found;
  seen.add(schema);
  if (schema.length === 2) return members(schema[0], found, seen, name); // A shape with traits of the member's own.
  const [kind, , , , names, schemas] = schema;
  if (kind === 0) return members(names, found, seen, name); // A simple shape with traits, such as "sensitive".
  if (kind === 1) return members(names, found, seen, name); // A list goes by its own name.
  if (kind === 2) return members(schemas, found, seen); // Of a map the keys are the user's, not the model's.
  (names as readonly string[]).forEach((member, index) => {
    members((schemas as readonly unknown[])[index], found, seen, member);
  });
  return found;
}

describe("the table of members that hold bytes is the SDK's", () => {
  const all = Object.entries(operations) as [Service, Record<string, unknown>][];
  test.each(all.flatMap(([service, named]) => Object.keys(named).map((operation) => [service, operation] as const)))(
    "%s %s",
    (service, operation) => {
      const schema = models[service][`${operation}$`] as readonly unknown[];
      const { bytes, text } = members(schema[4]);
      if (operation === "Decrypt" || operation === "PutItem") expect(bytes.size).toBeGreaterThan(0);
      // For keys in an enclave; this library has no use for it.
      bytes.delete("AttestationDocument");
      expect([...bytes].filter((name) => !blobs[service].has(name))).toEqual([]);
      expect([...text].filter((name) => blobs[service].has(name))).toEqual([]);
    },
  );
});

describe("to the SDK", () => {
  test("bytes are bytes where the service expects them, and only there", () => {
    const input = { KeyId: "aGk=", CiphertextBlob: "aGk=", EncryptionContext: { Plain: "aGk=" } };
    expect(toSdk("kms", input)).toEqual({ ...input, CiphertextBlob: Buffer.from("hi") });
    expect(toSdk("secretsmanager", { SecretBinary: "aGk=", SecretString: "aGk=" })).toEqual({
      SecretBinary: Buffer.from("hi"),
      SecretString: "aGk=",
    });
    expect(toSdk("ssm", { Value: "aGk=" })).toEqual({ Value: "aGk=" });
  });

  test("of DynamoDB at any depth, and an attribute may be named B", () => {
    const item = {
      B: { S: "text" },
      hmac: { B: "aGk=" },
      list: { L: [{ BS: ["aGk=", "aGE="] }, { M: { B: { B: "" } } }] },
    };
    expect(toSdk("dynamodb", { Item: item })).toEqual({
      Item: {
        B: { S: "text" },
        hmac: { B: Buffer.from("hi") },
        list: { L: [{ BS: [Buffer.from("hi"), Buffer.from("ha")] }, { M: { B: { B: Buffer.alloc(0) } } }] },
      },
    });
  });

  test("the input itself stays as it is", () => {
    const input = Object.freeze({ CiphertextBlob: "aGk=", EncryptionContext: Object.freeze({ a: "b" }) });
    expect(toSdk("kms", input)).not.toBe(input);
    expect(input.CiphertextBlob).toBe("aGk=");
  });
});

describe("from the SDK", () => {
  test("bytes are base64 text, times seconds, and what is not there is left out", () => {
    const pooled = new Uint8Array(Buffer.from("xhix").buffer, Buffer.from("xhix").byteOffset, 4);
    expect(
      fromSdk({
        $metadata: { httpStatusCode: 200 },
        Plaintext: pooled.subarray(1, 3),
        CreatedDate: new Date(1_500),
        Items: [{ hmac: { B: Uint8Array.of(104, 105) } }],
        NextToken: undefined,
        Enabled: false,
        Nothing: null,
      }),
    ).toEqual({
      Plaintext: Buffer.from(pooled.subarray(1, 3)).toString("base64"),
      CreatedDate: 1.5,
      Items: [{ hmac: { B: "aGk=" } }],
      Enabled: false,
      Nothing: null,
    });
    expect(fromSdk(undefined as unknown as object)).toEqual({});
  });
});
