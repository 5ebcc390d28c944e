import { createHash, hkdfSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatReference } from "../../packages/core/src/index.ts";
import { type Binding, sealEnvelope } from "../../packages/provider-kms/src/envelope.ts";
import { openLegacy } from "../../packages/provider-kms/src/legacy.ts";

// Makes vectors.json: `node tests/formats/make.ts`. All of it is fixed, so that it is the same each time.

/** What KMS Decrypt answers; anything else it refuses. */
interface Answer {
  readonly keyArn: string;
  readonly ciphertextBase64: string;
  readonly encryptionContext: Readonly<Record<string, string>>;
  readonly plaintextBase64: string;
}

/** A reference, and what it gives: a value, or an error. */
interface Vector {
  readonly id: string;
  readonly reference: string;
  readonly plaintextBase64?: string;
  readonly refused?: string;
  /** What is derived on the way, in hex. */
  readonly steps?: Readonly<Record<"salt" | "key" | "nonce" | "commitment" | "additionalData", string>>;
}

/** What stands in vectors.json. */
export interface Vectors {
  readonly kms: readonly Answer[];
  /** Contents in base64, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly vectors: readonly Vector[];
}

const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const aliasArn = "arn:aws:kms:us-west-1:111122223333:alias/app";
const context = { stage: "prod" };
const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

export function makeVectors(): Vectors {
  const kms = new Map<string, Answer>();
  const files: Record<string, string> = {};
  const vectors: Vector[] = [];

  /** A ciphertext that KMS decrypts to a plaintext, under a context. */
  const encrypt = (arn: string, plaintext: Uint8Array, pairs: Binding["context"]): Buffer => {
    const plaintextBase64 = Buffer.from(plaintext).toString("base64");
    const id = sha256(JSON.stringify([arn, pairs, plaintextBase64]))
      .toString("hex")
      .slice(0, 8);
    const ciphertext = Buffer.from(`no real ciphertext, ${id}`);
    const ciphertextBase64 = ciphertext.toString("base64");
    kms.set(ciphertextBase64, { keyArn: arn, ciphertextBase64, encryptionContext: pairs, plaintextBase64 });
    return ciphertext;
  };
  const optionsOf = (pairs: Binding["context"], name: string | undefined): Map<string, string> =>
    new Map([
      ...Object.entries(pairs).map(([pair, value]) => [`context.${pair}`, value] as const),
      ...(name === undefined ? [] : [["name", name] as const]),
    ]);

  /** Seals a value, and gives its reference. */
  const seal = (
    id: string,
    value: string | Uint8Array,
    given: Partial<Binding> = {},
    dataKey: Uint8Array = sha256("a data key"),
  ): { reference: string; steps: Vector["steps"]; sealed: Buffer; wrapped: string } => {
    const { scheme = "kms", keyArn: arn = keyArn, context: pairs = {}, name, path } = given;
    const format = scheme === "kms" ? "envelope/1" : "kmsfile/1";
    const wrapped = encrypt(arn, dataKey, { ...pairs, "serverless-secrets": format }).toString("base64url");
    const binding: Binding = { scheme, keyArn: arn, wrapped, context: pairs, name, path };
    const salt = sha256(`the salt of ${id}`);
    // A data key of another length seals nothing: what is refused for it is sealed under a right one.
    const right = dataKey.length === 32 ? dataKey : sha256("a data key");
    const sealed = Buffer.from(sealEnvelope(right, Buffer.from(value as string), binding, salt));
    if (path !== undefined) files[path] = sealed.toString("base64");
    const payload = path === undefined ? `${wrapped}.${sealed.toString("base64url")}` : `1.${wrapped}::${path}`;
    const reference = formatReference({ scheme, ref: arn, payload, options: optionsOf(pairs, name) });
    return { reference, steps: stepsOf(right, salt, binding), sealed, wrapped };
  };
  const opens = (id: string, value: string | Uint8Array, given?: Partial<Binding>): void => {
    const { reference, steps } = seal(id, value, given);
    vectors.push({
      id,
      reference,
      plaintextBase64: Buffer.from(value as string).toString("base64"),
      ...(steps && { steps }),
    });
  };
  const refuses = (id: string, reference: string, code = "INTEGRITY"): void => {
    vectors.push({ id, reference, refused: `ERR_SECRET_${code}` });
  };
  const raw = (id: string, value: string, pairs: Binding["context"], name?: string): void => {
    const sent = name === undefined ? pairs : { ...pairs, name };
    const payload = encrypt(keyArn, Buffer.from(value), sent).toString("base64");
    const reference = formatReference({ scheme: "kms", ref: keyArn, payload, options: optionsOf(pairs, name) });
    vectors.push({ id, reference, plaintextBase64: Buffer.from(value).toString("base64") });
  };

  raw("raw", "correct horse", {});
  raw("raw, with a name and a context", "correct horse", { stage: "prod" }, "db");

  const named = vectors.at(-1)?.reference ?? "";
  refuses("raw, its name as a pair", named.replace("?", "?context.name=db&").replace("&name=db", ""), "REFERENCE");

  opens("envelope", "correct horse battery staple");
  opens("envelope, of nothing", "");
  opens(
    "envelope, of every byte",
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  opens("envelope, with a name and a context", "correct horse", { name: "db", context });
  opens("envelope, with another name under the same data key", "battery staple", { name: "token", context });
  opens("envelope, its context sorted by bytes", "x", {
    context: { a: "1", é: "2", "10": "3", "9": "4", "-": "5", Z: "6" },
  });
  opens("envelope, with what references escape", "x", { name: "a&b=c%#?☃", context: { "k.=&": "v#%" } });
  opens("envelope, of an alias", "x", { keyArn: aliasArn });

  opens("file", "-----BEGIN CERTIFICATE-----\n", { scheme: "kmsfile", path: "server.pem" });
  opens("file, with a name and a context", "x", {
    scheme: "kmsfile",
    path: "certs/naïve ☃.json",
    name: "cert",
    context,
  });

  const legacyKey = sha256("a data key of version 2");
  const legacy = encrypt(keyArn, legacyKey, {}).toString("base64");
  files["secrets.txt"] = Buffer.from(openLegacy(legacyKey, Buffer.from("correct horse"))).toString("base64");
  vectors.push({
    id: "file of version 2",
    reference: `kmsfile::${keyArn}::${legacy}::secrets.txt`,
    plaintextBase64: Buffer.from("correct horse").toString("base64"),
  });

  const { reference, sealed, wrapped } = seal("refused", "correct horse", { name: "db", context });
  const withSealed = (bytes: Uint8Array): string =>
    reference.replace(sealed.toString("base64url"), Buffer.from(bytes).toString("base64url"));
  for (const [part, position] of Object.entries({ version: 0, salt: 1, commitment: 33, ciphertext: 65, tag: -1 })) {
    const flipped = Buffer.from(sealed);
    flipped.writeUInt8((flipped.at(position) as number) ^ 1, (position + flipped.length) % flipped.length);
    refuses(`a bit of its ${part} flipped`, withSealed(flipped));
  }
  refuses("truncated by a byte", withSealed(sealed.subarray(0, -1)));
  refuses("truncated to less than its parts", withSealed(sealed.subarray(0, 80)), "REFERENCE");
  refuses("extended by a byte", withSealed(Buffer.concat([sealed, Uint8Array.of(0)])));
  refuses("of another name", reference.replace("name=db", "name=token"));
  refuses("of no name", reference.replace("&name=db", ""));
  refuses("of another stage", reference.replace("prod", "dev"));
  refuses("of no stage", reference.replace("context.stage=prod&", ""));
  refuses("of another key", reference.replace("1234abcd", "ffffffff"));
  refuses(
    "as a raw ciphertext",
    reference.replace(/::[^:]*\?/, `::${Buffer.from(wrapped, "base64url").toString("base64")}?`),
  );
  refuses("with the reserved pair", `${reference}&context.serverless-secrets=envelope/1`, "REFERENCE");
  refuses("padded", reference.replace("?", "==?"), "REFERENCE");
  refuses("its wrapped data key padded", reference.replace(wrapped, `${wrapped}=`), "REFERENCE");
  // The last character's lowest bits say nothing, so the next one in the alphabet gives the same bytes.
  const next = (last: string): string => String.fromCharCode(last.charCodeAt(0) + 1);
  refuses("spelt otherwise, for the same bytes", reference.replace(/.(?=\?)/, next), "REFERENCE");
  refuses("with a data key of 16 bytes", seal("short", "x", { context: { short: "" } }, Buffer.alloc(16, 1)).reference);

  const file = seal("moved", "correct horse", { scheme: "kmsfile", path: "here.txt", context }).reference;
  files["there.txt"] = files["here.txt"] as string;
  refuses("a file at another path", file.replace("here", "there"));
  refuses("a file out of the root", file.replace("here", "../here"), "REFERENCE");
  refuses("a file out of the root, escaped twice", file.replace("here", "%252e%252e/here"), "REFERENCE");
  refuses(
    "a file as of version 2",
    file.replace(/::1\.([^:]*)/, (_, key) => `::${Buffer.from(key, "base64url").toString("base64")}`),
  );
  return { kms: [...kms.values()], files, vectors };
}

/** What is derived on the way, written apart from the code that is tested. */
function stepsOf(dataKey: Uint8Array, salt: Buffer, binding: Binding): NonNullable<Vector["steps"]> {
  const { scheme, keyArn: arn, wrapped, context: pairs, name = "", path = "" } = binding;
  const hex = Buffer.from(hkdfSync("sha256", dataKey, salt, "serverless-secrets/1", 76)).toString("hex");
  const sorted = Object.entries(pairs).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const fields = ["1", scheme, arn, wrapped, `${sorted.length}`, ...sorted.flat(), name, path].map((field) =>
    Buffer.from(field),
  );
  const additionalData = fields
    .map((field) => field.length.toString(16).padStart(8, "0") + field.toString("hex"))
    .join("");
  const [key, nonce, commitment] = [hex.slice(0, 64), hex.slice(64, 88), hex.slice(88)];
  return { salt: salt.toString("hex"), key, nonce, commitment, additionalData };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL("vectors.json", import.meta.url));
  writeFileSync(file, `${JSON.stringify(makeVectors(), null, 2)}\n`);
}
