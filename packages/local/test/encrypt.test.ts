import { randomBytes } from "node:crypto";
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LocalAws, type LocalKey, startLocalAws } from "../src/index.ts";
import { altered, client, refusal } from "./client.ts";

let aws: LocalAws;
let kms: ReturnType<typeof client>;
let key: LocalKey;
let other: LocalKey;
beforeAll(async () => {
  aws = await startLocalAws();
  kms = client(aws);
  key = aws.createKey({ alias: "alias/app" });
  other = aws.createKey();
});
afterAll(async () => {
  kms.destroy();
  await aws.stop();
});

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const context = { stage: "prod", app: "shop" };

async function encrypted(plaintext: Uint8Array, EncryptionContext?: Record<string, string>): Promise<Uint8Array> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: key.arn, Plaintext: plaintext, ...(EncryptionContext && { EncryptionContext }) }),
  );
  return CiphertextBlob as Uint8Array;
}

describe("Encrypt and Decrypt", () => {
  test("give back what was given, and name the key by its ARN", async () => {
    const { CiphertextBlob, ...rest } = await kms.send(
      new EncryptCommand({ KeyId: "alias/app", Plaintext: text("hunter2"), EncryptionContext: context }),
    );
    expect(rest).toMatchObject({ KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    for (const KeyId of [undefined, key.arn, key.keyId, "alias/app", key.arn.replace(/key\/.*/, "alias/app")]) {
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob, KeyId, EncryptionContext: context }));
      expect(Buffer.from(opened.Plaintext as Uint8Array).toString()).toBe("hunter2");
      expect(opened.KeyId).toBe(key.arn);
    }
  });

  test("a ciphertext begins as AWS's do, and never repeats", async () => {
    const [one, two] = await Promise.all([encrypted(text("x")), encrypted(text("x"))]);
    expect(Buffer.from(one as Uint8Array).toString("base64")).toMatch(/^AQICAH/);
    expect(one).not.toEqual(two);
  });

  test("any bytes, under any context, in any order of its pairs", async () => {
    const anyText = fc.string({ unit: "grapheme", maxLength: 40 });
    const pairs = fc.uniqueArray(fc.tuple(anyText, anyText), { maxLength: 6, selector: ([name]) => name });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4096 }), pairs, async (bytes, list) => {
        const CiphertextBlob = await encrypted(bytes, Object.fromEntries(list));
        const EncryptionContext = Object.fromEntries([...list].reverse());
        const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
        expect(Buffer.compare(opened.Plaintext as Uint8Array, bytes)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test("no context and an empty one are the same", async () => {
    const CiphertextBlob = await encrypted(text("x"));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: {} }));
    expect(Buffer.from(opened.Plaintext as Uint8Array).toString()).toBe("x");
  });
});

describe("a ciphertext opens with nothing but what it was made with", () => {
  const unreadable = { name: "InvalidCiphertextException", status: 400 };

  test.each<[string, Record<string, string> | undefined]>([
    ["none", undefined],
    ["fewer pairs", { stage: "prod" }],
    ["more pairs", { ...context, more: "" }],
    ["another value", { ...context, stage: "dev" }],
    ["another case", { ...context, stage: "Prod" }],
    ["names and values swapped", { prod: "stage", shop: "app" }],
    ["a text moved from value to name", { stagep: "rod", app: "shop" }],
  ])("another context: %s", async (_what, EncryptionContext) => {
    const CiphertextBlob = await encrypted(text("x"), context);
    const command = new DecryptCommand({ CiphertextBlob, EncryptionContext });
    expect(await refusal(kms.send(command))).toMatchObject(unreadable);
  });

  test("two contexts never share a ciphertext", async () => {
    const dictionary = fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 3 });
    const same = (a: object, b: object): boolean =>
      JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
    await fc.assert(
      fc.asyncProperty(dictionary, dictionary, async (one, two) => {
        fc.pre(!same(one, two));
        const CiphertextBlob = await encrypted(text("x"), one);
        const command = new DecryptCommand({ CiphertextBlob, EncryptionContext: two });
        expect(await refusal(kms.send(command))).toMatchObject(unreadable);
      }),
      { numRuns: 40 },
    );
  });

  test("every single byte of it counts", async () => {
    const blob = await encrypted(text("hunter2"), context);
    for (let at = 0; at < blob.length; at += 1) {
      const CiphertextBlob = Uint8Array.from(blob);
      CiphertextBlob[at] = (CiphertextBlob[at] ?? 0) ^ (1 << (at % 8));
      const command = new DecryptCommand({ CiphertextBlob, EncryptionContext: context });
      expect(await refusal(kms.send(command))).toMatchObject(unreadable);
    }
  });

  test("cut at any length, or longer", async () => {
    const blob = await encrypted(text("hunter2"));
    const cut = Array.from({ length: blob.length - 1 }, (_, at) => blob.subarray(0, at + 1));
    for (const CiphertextBlob of [...cut, Buffer.concat([blob, Buffer.from([0])]), randomBytes(80)]) {
      expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject(unreadable);
    }
  });

  test("AWS says no more than the name", async () => {
    let body = "";
    const spying = client(aws);
    spying.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        for await (const chunk of (result.response as { body: AsyncIterable<Buffer> }).body) body += chunk;
        return result;
      },
      { step: "deserialize", priority: "low" },
    );
    await refusal(spying.send(new DecryptCommand({ CiphertextBlob: randomBytes(80) })));
    spying.destroy();
    expect(body).toBe('{"__type":"InvalidCiphertextException"}');
  });

  test("another key", async () => {
    const CiphertextBlob = await encrypted(text("x"));
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.arn })))).toEqual({
      name: "IncorrectKeyException",
      message: "The key ID in the request does not identify a CMK that can perform this operation.",
      status: 400,
    });
  });
});

describe("GenerateDataKey", () => {
  test.each([
    [{ KeySpec: "AES_256" as const }, 32],
    [{ KeySpec: "AES_128" as const }, 16],
    [{ NumberOfBytes: 64 }, 64],
    [{ NumberOfBytes: 1024 }, 1024],
    [{ NumberOfBytes: 1 }, 1],
  ])("%j gives %d bytes, and them wrapped", async (size, length) => {
    const made = await kms.send(
      new GenerateDataKeyCommand({ KeyId: "alias/app", EncryptionContext: context, ...size }),
    );
    expect(made.KeyId).toBe(key.arn);
    expect(made.Plaintext).toHaveLength(length);
    const { CiphertextBlob } = made;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }));
    expect(Buffer.compare(opened.Plaintext as Uint8Array, made.Plaintext as Uint8Array)).toBe(0);
  });

  test("WithoutPlaintext gives it wrapped alone", async () => {
    const command = new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.arn, NumberOfBytes: 64 });
    const made = await kms.send(command);
    expect(Object.keys(made).sort()).toEqual(["$metadata", "CiphertextBlob", "KeyId"]);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened.Plaintext).toHaveLength(64);
  });

  test.each([{}, { KeySpec: "AES_256" as const, NumberOfBytes: 32 }])("%j is refused", async (size) => {
    const command = new GenerateDataKeyCommand({ KeyId: key.arn, ...size });
    expect(await refusal(kms.send(command))).toEqual({
      name: "ValidationException",
      message: "Please specify either number of bytes or key spec.",
      status: 400,
    });
  });
});

describe("ReEncrypt", () => {
  test("moves a ciphertext to another key and context", async () => {
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypted(text("hunter2"), context),
        SourceEncryptionContext: context,
        DestinationKeyId: other.arn,
        DestinationEncryptionContext: { stage: "dev" },
      }),
    );
    expect(moved).toMatchObject({ SourceKeyId: key.arn, KeyId: other.arn });
    const opened = await kms.send(
      new DecryptCommand({
        CiphertextBlob: moved.CiphertextBlob,
        KeyId: other.arn,
        EncryptionContext: { stage: "dev" },
      }),
    );
    expect(Buffer.from(opened.Plaintext as Uint8Array).toString()).toBe("hunter2");
  });

  test("asks for two permissions, each on its key and with its context", async () => {
    const CiphertextBlob = await encrypted(text("x"), { a: "1" });
    aws.clearLog();
    await kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: { a: "1" },
        DestinationKeyId: other.arn,
        DestinationEncryptionContext: { b: "2" },
      }),
    );
    expect(aws.checks).toMatchObject([
      { action: "kms:ReEncryptFrom", resource: key.arn, context: { "kms:EncryptionContext:a": "1" } },
      { action: "kms:ReEncryptTo", resource: other.arn, context: { "kms:EncryptionContext:b": "2" } },
    ]);
  });

  test("refuses the wrong source", async () => {
    const CiphertextBlob = await encrypted(text("x"), context);
    const command = { CiphertextBlob, DestinationKeyId: other.arn };
    expect(await refusal(kms.send(new ReEncryptCommand(command)))).toMatchObject({
      name: "InvalidCiphertextException",
    });
    const wrongKey = new ReEncryptCommand({ ...command, SourceKeyId: other.arn, SourceEncryptionContext: context });
    expect(await refusal(kms.send(wrongKey))).toMatchObject({ name: "IncorrectKeyException" });
  });
});

describe("a dry run", () => {
  test("that would succeed is a DryRunOperationException", async () => {
    const CiphertextBlob = await encrypted(text("x"));
    const KeyId = key.arn;
    const runs = [
      kms.send(new EncryptCommand({ KeyId, Plaintext: text("x"), DryRun: true })),
      kms.send(new DecryptCommand({ CiphertextBlob, DryRun: true })),
      kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId, DryRun: true })),
      kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", DryRun: true })),
      kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256", DryRun: true })),
    ];
    for (const run of runs) {
      expect(await refusal(run)).toEqual({
        name: "DryRunOperationException",
        message: "The request would have succeeded, but the DryRun option is set.",
        status: 400,
      });
    }
  });

  test("that is denied is an AccessDeniedException", async () => {
    const end = aws.deny({ action: "kms:Encrypt" });
    const command = new EncryptCommand({ KeyId: key.arn, Plaintext: text("x"), DryRun: true });
    expect(await refusal(kms.send(command))).toMatchObject({ name: "AccessDeniedException" });
    end();
  });
});

describe("limits, in AWS's words", () => {
  const between = (member: string, what: string, words: string): string =>
    `1 validation error detected: ${what} at '${member}' failed to satisfy constraint: Member must ${words}`;
  const cases: readonly (readonly [string, object, string])[] = [
    ["Encrypt", { Plaintext: text("") }, between("plaintext", "Value", "have length greater than or equal to 1")],
    [
      "Encrypt",
      { Plaintext: new Uint8Array(4097) },
      between("plaintext", "Value", "have length less than or equal to 4096"),
    ],
    ["Encrypt", {}, between("plaintext", "Value null", "not be null")],
    [
      "Encrypt",
      { Plaintext: text("x"), KeyId: "" },
      between("keyId", "Value ''", "have length greater than or equal to 1"),
    ],
    [
      "Decrypt",
      { CiphertextBlob: text("") },
      between("ciphertextBlob", "Value", "have length greater than or equal to 1"),
    ],
    [
      "Decrypt",
      { CiphertextBlob: new Uint8Array(6145) },
      between("ciphertextBlob", "Value", "have length less than or equal to 6144"),
    ],
    [
      "GenerateDataKey",
      { NumberOfBytes: 0 },
      between("numberOfBytes", "Value '0'", "have value greater than or equal to 1"),
    ],
    [
      "GenerateDataKey",
      { NumberOfBytes: 1025 },
      between("numberOfBytes", "Value '1025'", "have value less than or equal to 1024"),
    ],
    [
      "GenerateDataKey",
      { KeySpec: "AES_512" },
      between("keySpec", "Value 'AES_512'", "satisfy enum value set: [AES_256, AES_128]"),
    ],
  ];
  const commands = { Encrypt: EncryptCommand, Decrypt: DecryptCommand, GenerateDataKey: GenerateDataKeyCommand };
  test.each(cases)("%s %#", async (operation, input, message) => {
    const Command = commands[operation as "Encrypt"];
    const command = new Command({ KeyId: key.arn, ...input } as ConstructorParameters<typeof EncryptCommand>[0]);
    expect(await refusal(kms.send(command))).toEqual({ name: "ValidationException", message, status: 400 });
  });

  test("several at once stand in one message", async () => {
    const command = new EncryptCommand({ KeyId: undefined, Plaintext: undefined });
    expect((await refusal(kms.send(command))).message).toBe(
      "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; " +
        "Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
    );
  });

  test("4,096 bytes fit, as does what they become", async () => {
    const CiphertextBlob = await encrypted(new Uint8Array(4096));
    expect((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext).toHaveLength(4096);
  });

  test("a context has at most 8,192 bytes", async () => {
    expect(await refusal(encrypted(text("x"), { a: "x".repeat(8192) }))).toMatchObject({ name: "ValidationException" });
    await encrypted(text("x"), { a: "x".repeat(8191) });
  });

  test.each([
    ["a context that is a list", { EncryptionContext: [] }],
    ["a context with a number", { EncryptionContext: { a: 1 } }],
    ["half a surrogate pair", { EncryptionContext: { a: "\ud800" } }],
    ["a number for a text", { KeyId: 1 }],
    ["text for bytes", { Plaintext: "not base64!" }],
    ["base64 in another spelling", { Plaintext: "eA" }],
    ["text for a truth", { DryRun: "yes" }],
  ])("another JSON type is a SerializationException: %s", async (_what, input) => {
    const body = JSON.stringify({ KeyId: key.arn, Plaintext: "eA==", ...input });
    const call = altered(aws, { body }).send(new EncryptCommand({ KeyId: "x", Plaintext: text("x") }));
    expect(await refusal(call)).toMatchObject({ name: "SerializationException", status: 400 });
  });

  test("an asymmetric algorithm, an enclave's recipient", async () => {
    const CiphertextBlob = await encrypted(text("x"));
    const algorithm = new DecryptCommand({ CiphertextBlob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" });
    expect(await refusal(kms.send(algorithm))).toMatchObject({ name: "InvalidKeyUsageException" });
    const enclave = new DecryptCommand({ CiphertextBlob, Recipient: { AttestationDocument: text("x") } });
    expect(await refusal(kms.send(enclave))).toMatchObject({ name: "UnsupportedOperationException" });
  });
});
