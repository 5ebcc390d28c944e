import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import {
  createResolver,
  isSecretError,
  json,
  parseReference,
  type SecretErrorCode,
  type Secrets,
} from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import { z } from "zod";
import { awsProviders } from "../src/index.ts";

const aws = await startLocalAws({ region: "us-west-1" });
const environment = { ...process.env };
beforeEach(() => void Object.assign(process.env, aws.env));
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => aws.stop());
Object.assign(process.env, aws.env);

const key = aws.createKey().arn;
const otherKey = aws.createKey().arn;
const canary = "canary-hunter2";
const sealed = (options = "", value: string | Uint8Array = canary) => seal(kmsSealer(), `kms::${key}${options}`, value);

const db = await sealed();
const named = await sealed("?name=db");
const staged = await sealed("?context.stage=prod");
const binary = await sealed("", Uint8Array.of(0xff, 0xfe, 0x00));
const document = await sealed("", JSON.stringify({ user: "app", password: canary }));
const disabledKey = aws.createKey().arn;
const disabled = await seal(kmsSealer(), `kms::${disabledKey}`, canary);
await direct()(
  { service: "kms", operation: "DisableKey", region: "us-west-1", input: { KeyId: disabledKey } },
  { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false },
);
const ciphertexts = [db, named, staged, binary, document, disabled].map((reference) =>
  String(parseReference(reference).payload).slice(40, 60),
);

/** An endpoint that nobody listens on. */
const closedPort = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});

interface BadInput {
  readonly when: string;
  readonly secrets: Secrets;
  readonly arrange?: () => unknown;
  readonly code: SecretErrorCode;
  /** The whole message, in which `<key>`, `<other key>` and `<port>` stand for the real ones. */
  readonly message: string;
}

const unset = (...names: readonly string[]) => {
  for (const name of names) delete process.env[name];
};

const table: readonly BadInput[] = [
  {
    when: "the reference is malformed",
    secrets: { db: canary },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the reference is malformed: it has no "::", so it is no reference (scheme::ref, such as ssm::/prod/db); if it is the secret itself, take it out of the code and rotate it.`,
  },
  {
    when: "there is no reference at all",
    secrets: { db: undefined as unknown as string },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the reference is malformed: a reference is a string, such as ssm::/prod/db.`,
  },
  {
    when: "the scheme is unknown",
    secrets: { db: `${canary}::${canary}` },
    code: "ERR_SECRET_SCHEME",
    message: `"db": no provider reads the scheme of the reference (what stands before its first "::"). Known schemes: kms. Correct it, or pass its provider to createResolver.`,
  },
  {
    when: "an option is unknown",
    secrets: { db: `${db}?${canary}=1` },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the reference has an option that kms does not know. Known options: region, name, context.NAME.`,
  },
  {
    when: "the ciphertext is no base64",
    secrets: { db: `kms::${key}::${canary}` },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the kms reference cannot be used: its ciphertext is not base64, as "aws kms encrypt" prints it. Copy it whole, with any "=" at its end.`,
  },
  {
    when: "the ciphertext is truncated",
    secrets: { db: db.slice(0, -40) },
    code: "ERR_SECRET_INTEGRITY",
    message: `"db" (kms::<key>): AWS refused kms:Decrypt on <key> (InvalidCiphertextException, HTTP 400). The ciphertext is damaged, or was encrypted under another encryption context or name: copy it whole, with the same ?context. and ?name=, or encrypt it again.`,
  },
  {
    when: "the key is another",
    secrets: { db: db.replace(key, otherKey) },
    code: "ERR_SECRET_INTEGRITY",
    message: `"db" (kms::<other key>): AWS refused kms:Decrypt on <other key> (IncorrectKeyException, HTTP 400). The ciphertext was encrypted under another KMS key than the reference names: correct the key's ARN.`,
  },
  {
    when: "the context is another",
    secrets: { db: staged.replace("prod", "dev") },
    code: "ERR_SECRET_INTEGRITY",
    message: `"db" (kms::<key>): AWS refused kms:Decrypt on <key> (InvalidCiphertextException, HTTP 400). The ciphertext is damaged, or was encrypted under another encryption context or name: copy it whole, with the same ?context. and ?name=, or encrypt it again.`,
  },
  {
    when: "the name is another than the bound one",
    secrets: { token: named },
    code: "ERR_SECRET_INTEGRITY",
    message: `"token": the reference is bound to another name (its "?name="). If two lines of the manifest were swapped, swap them back; to use it under this name on purpose, read it as text(reference, { name }).`,
  },
  {
    when: "the key is disabled",
    secrets: { db: disabled },
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (kms::<disabled key>): AWS refused kms:Decrypt on <disabled key> (DisabledException, HTTP 400). The KMS key is disabled: enable it (aws kms enable-key).`,
  },
  {
    when: "there is no such key",
    secrets: { db: db.replace(/key\/[0-9a-f-]+/, "key/00000000-0000-4000-8000-000000000000") },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"db" (kms::<no key>): AWS refused kms:Decrypt on <no key> (NotFoundException, HTTP 400). The KMS key or alias does not exist in this account and region: check the key's ARN.`,
  },
  {
    when: "there are no credentials",
    secrets: { db },
    arrange: () => unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (kms::<key>): there are no AWS credentials to sign with: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. On a laptop run: eval "$(aws configure export-credentials --format env)"`,
  },
  {
    when: "the credentials are of somebody else",
    secrets: { db },
    arrange: () => Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIDOTHER" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (kms::<key>): AWS refused kms:Decrypt on <key> (UnrecognizedClientException, HTTP 400). AWS does not know these credentials: check the key id and the session token, and that they belong to this partition.`,
  },
  {
    when: "the key's ARN has no region",
    secrets: { db: db.replace("us-west-1", "") },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the kms reference cannot be used: what follows the scheme is no ARN of a KMS key or alias, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab.`,
  },
  {
    when: "the region is a host",
    secrets: { db: db.replace("us-west-1", "x@evil.example/%23") },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the kms reference cannot be used: what follows the scheme is no ARN of a KMS key or alias, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab.`,
  },
  {
    when: "the region is a host and cuts the reference short",
    secrets: { db: db.replace("us-west-1", "x@evil.example/#") },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the reference is malformed: what follows "#" must begin with "/", such as #/password.`,
  },
  {
    when: "the role may not",
    secrets: { db },
    arrange: () => aws.deny({ action: "kms:Decrypt" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (kms::<key>): AWS refused kms:Decrypt on <key> (AccessDeniedException). Allow that action on that resource in the function's role.`,
  },
  {
    when: "AWS throttles",
    secrets: { db },
    arrange: () => aws.fail({ kind: "throttle" }),
    code: "ERR_SECRET_UNAVAILABLE",
    message: `"db" (kms::<key>): AWS did not do kms:Decrypt on <key> (ThrottlingException, HTTP 400). A quota of this account and region is used up for the moment: ask for less at once, or raise it.`,
  },
  {
    when: "nobody answers at the endpoint",
    secrets: { db },
    arrange: () => Object.assign(process.env, { AWS_ENDPOINT_URL: `http://127.0.0.1:${closedPort}` }),
    code: "ERR_SECRET_UNAVAILABLE",
    message: `"db" (kms::<key>): kms:Decrypt on <key>: no connection to 127.0.0.1:<port> (ECONNREFUSED). Check AWS_ENDPOINT_URL, and that its server answers.`,
  },
  {
    when: "the value is not UTF-8",
    secrets: { db: binary },
    code: "ERR_SECRET_VALUE",
    message: `"db" (kms::<key>): the value is not UTF-8 text. Read it with bytes(reference).`,
  },
  {
    when: "the value is not JSON",
    secrets: { db: json(db) },
    code: "ERR_SECRET_VALUE",
    message: `"db" (kms::<key>): the value is not JSON. Read it as text, without a #/pointer, or correct what is stored.`,
  },
  {
    when: "the value has no such member",
    secrets: { db: `${document}#/passwrod` },
    code: "ERR_SECRET_VALUE",
    message: `"db" (kms::<key>): the value has no member at #/passwrod. Correct the pointer (case counts) or what is stored.`,
  },
  {
    when: "a schema refuses the value",
    secrets: { db: json(document, z.object({ user: z.string(), password: z.number(), port: z.number() })) },
    code: "ERR_SECRET_VALUE",
    message: `"db" (kms::<key>): its schema refuses the value at: /password, /port.`,
  },
  {
    when: "several fail at once",
    secrets: { good: db, bad: canary, binary, swapped: named },
    code: "ERR_SECRET_REFERENCE",
    message: `3 of 4 secrets failed.
  ERR_SECRET_REFERENCE: "bad": the reference is malformed: it has no "::", so it is no reference (scheme::ref, such as ssm::/prod/db); if it is the secret itself, take it out of the code and rotate it.
  ERR_SECRET_VALUE: "binary" (kms::<key>): the value is not UTF-8 text. Read it with bytes(reference).
  ERR_SECRET_INTEGRITY: "swapped": the reference is bound to another name (its "?name="). If two lines of the manifest were swapped, swap them back; to use it under this name on purpose, read it as text(reference, { name }).`,
  },
];

describe("each bad input is one clear error that shows nothing", () => {
  test.each(table)("$when", async ({ secrets, arrange, code, message }) => {
    const undo = arrange?.();
    const error: unknown = await createResolver({ providers: awsProviders({}), timeoutMs: 500 })
      .resolveAll(secrets)
      .then(
        () => "no error",
        (thrown: unknown) => thrown,
      );
    if (typeof undo === "function") undo();

    expect(isSecretError(error) && readable(error.message)).toBe(`${code}: ${message}`);
    expect(error).toMatchObject({ code });
    const shown = inspect(error, { depth: null, showHidden: true });
    for (const hidden of [canary, btoa(canary), "evil.example", ...ciphertexts]) expect(shown).not.toContain(hidden);
  });
});

function readable(message: string): string {
  return message
    .replaceAll(key, "<key>")
    .replaceAll(otherKey, "<other key>")
    .replaceAll(disabledKey, "<disabled key>")
    .replaceAll(/arn:aws:kms:[^ )]*00000000-0000-4000-8000-000000000000/g, "<no key>")
    .replaceAll(`:${closedPort}`, ":<port>")
    .replace(/ It was tried \d+ times\.$/, "");
}
