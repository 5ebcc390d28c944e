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
import { type AwsProvidersOptions, awsProviders } from "../src/index.ts";

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

aws.createSecret({ name: "prod/db", value: JSON.stringify({ user: "app", password: canary }) });
aws.createSecret({ name: "prod/keyed", value: canary, kmsKeyId: key });
aws.createSecret({ name: "prod/binary", value: Uint8Array.of(0xff, 0xfe, 0x00) });
aws.createSecret({ name: "prod/deleted", value: canary });
await direct()(
  { service: "secretsmanager", operation: "DeleteSecret", region: "us-west-1", input: { SecretId: "prod/deleted" } },
  { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false },
);
aws.putParameter({ name: "/prod/token", value: canary });
aws.putParameter({ name: "/prod/keyed", value: canary, keyId: key });
aws.putParameter({ name: "/prod/plain", value: canary, type: "String" });

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
  /** Of the providers. Default: none. */
  readonly options?: AwsProvidersOptions;
  readonly code: SecretErrorCode;
  /** The whole message, in which `<key>`, `<port>` and the like stand for the real ones. */
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
    message: `"db": no provider reads the scheme of the reference (what stands before its first "::"). Known schemes: kms, kmsfile, secretsmanager, ssm, credstash. Correct it, or pass its provider to createResolver; if it is the secret itself, take it out of the code and rotate it.`,
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
    message: `"db": the reference cannot be used: its ciphertext is not base64, as "aws kms encrypt" prints it. Copy it whole, with any "=" at its end.`,
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
  {
    when: "there is no such secret",
    secrets: { db: "secretsmanager::prod/bd" },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"db" (secretsmanager::prod/bd): AWS refused secretsmanager:GetSecretValue on prod/bd (ResourceNotFoundException, HTTP 400). It, or that version of it, does not exist in this account and region.`,
  },
  {
    when: "there is no such secret, and the role may read others alone",
    secrets: { db: "secretsmanager::prod/bd" },
    arrange: () => aws.deny({ action: "secretsmanager:GetSecretValue", resource: "prod/bd" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (secretsmanager::prod/bd): AWS refused secretsmanager:GetSecretValue on prod/bd (AccessDeniedException). Allow that action on that resource in the function's role. AWS says so too where there is no such secret, and where the role may not use the KMS key behind it.`,
  },
  {
    when: "the secret is marked for deletion",
    secrets: { db: "secretsmanager::prod/deleted" },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"db" (secretsmanager::prod/deleted): AWS refused secretsmanager:GetSecretValue on prod/deleted (InvalidRequestException, HTTP 400). The secret is marked for deletion: restore it (aws secretsmanager restore-secret).`,
  },
  {
    when: "the secret has no such stage",
    secrets: { db: "secretsmanager::prod/db::AWSPREVIOUS" },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"db" (secretsmanager::prod/db): AWS refused secretsmanager:GetSecretValue on prod/db (ResourceNotFoundException, HTTP 400). It, or that version of it, does not exist in this account and region.`,
  },
  {
    when: "the secret's name is none",
    secrets: { db: `secretsmanager::prod:${canary}` },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the secretsmanager reference cannot be used: a secret's name holds letters, digits and /_+=.@-! alone. Write secretsmanager::prod/db, or the secret's ARN.`,
  },
  {
    when: "the secret has a version twice",
    secrets: { db: `secretsmanager::prod/db::AWSCURRENT?versionId=${canary.repeat(3)}` },
    code: "ERR_SECRET_REFERENCE",
    message: `"db": the secretsmanager reference cannot be used: it has a version after "::" and a ?versionId=: give one of them.`,
  },
  {
    when: "the role may not read the secret",
    secrets: { db: "secretsmanager::prod/db#/password" },
    arrange: () => aws.deny({ action: "secretsmanager:GetSecretValue" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (secretsmanager::prod/db): AWS refused secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-west-1:111122223333:secret:prod/db-<random> (AccessDeniedException). Allow that action on that resource in the function's role.`,
  },
  {
    when: "the role may not use the key behind the secret",
    secrets: { db: "secretsmanager::prod/keyed" },
    arrange: () => aws.deny({ action: "kms:Decrypt" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"db" (secretsmanager::prod/keyed): AWS refused secretsmanager:GetSecretValue on prod/keyed (AccessDeniedException). Allow that action on that resource in the function's role. AWS says so too where there is no such secret, and where the role may not use the KMS key behind it.`,
  },
  {
    when: "the secret is binary",
    secrets: { db: "secretsmanager::prod/binary" },
    code: "ERR_SECRET_VALUE",
    message: `"db" (secretsmanager::prod/binary): the value is not UTF-8 text. Read it with bytes(reference).`,
  },
  {
    when: "the secret has no such member",
    secrets: { db: "secretsmanager::prod/db#/passwrod" },
    code: "ERR_SECRET_VALUE",
    message: `"db" (secretsmanager::prod/db): the value has no member at #/passwrod. Correct the pointer (case counts) or what is stored.`,
  },
  {
    when: "there is no such parameter",
    secrets: { token: "ssm::/prod/Token" },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"token" (ssm::/prod/Token): there is no such parameter in this account and region. Correct the name (case and a leading slash count), or put it.`,
  },
  {
    when: "the parameter has no such version",
    secrets: { token: "ssm::/prod/token::7" },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"token" (ssm::/prod/token): there is no such parameter with version 7 in this account and region. Correct it, or put it.`,
  },
  {
    when: "the parameter has no such label",
    secrets: { token: "ssm::/prod/token::blue" },
    code: "ERR_SECRET_NOT_FOUND",
    message: `"token" (ssm::/prod/token): there is no such parameter with label blue in this account and region. Correct it, or put it.`,
  },
  {
    when: "the parameter is stored unencrypted",
    secrets: { token: "ssm::/prod/plain" },
    code: "ERR_SECRET_VALUE",
    message: `"token" (ssm::/prod/plain): it is a plain parameter, which SSM stores unencrypted. Store it as a SecureString; if it is no secret, read it with ssm({ allowUnencrypted: true }).`,
  },
  {
    when: "the parameter's name lacks its slash",
    secrets: { token: "ssm::prod/token" },
    code: "ERR_SECRET_REFERENCE",
    message: `"token": the ssm reference cannot be used: a parameter's name that has a slash begins with one.`,
  },
  {
    when: "the parameter has its version behind one colon",
    secrets: { token: "ssm::/prod/token:7" },
    code: "ERR_SECRET_REFERENCE",
    message: `"token": the ssm reference cannot be used: a parameter's name holds letters, digits and _.-/ alone; a version or label stands after a second ::, as in ssm::/prod/db::3.`,
  },
  {
    when: "the role may not read the parameter",
    secrets: { token: "ssm::/prod/token" },
    arrange: () => aws.deny({ action: "ssm:GetParameters" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"token" (ssm::/prod/token): AWS refused ssm:GetParameters on arn:aws:ssm:us-west-1:111122223333:parameter/prod/token (AccessDeniedException). Allow that action on that resource in the function's role.`,
  },
  {
    when: "the role may not use the key behind the parameter",
    secrets: { token: "ssm::/prod/keyed" },
    arrange: () => aws.deny({ action: "kms:Decrypt" }),
    code: "ERR_SECRET_ACCESS_DENIED",
    message: `"token" (ssm::/prod/keyed): AWS refused kms:Decrypt on <key> (AccessDeniedException). Allow that action on that resource in the function's role.`,
  },
  {
    when: "no region is known",
    secrets: { db: "secretsmanager::prod/db", token: "ssm::/prod/token" },
    arrange: () => unset("AWS_REGION", "AWS_DEFAULT_REGION"),
    code: "ERR_SECRET_REFERENCE",
    message: `2 of 2 secrets failed.
  ERR_SECRET_REFERENCE: "db" (secretsmanager::prod/db): no region is known. Set AWS_REGION, or add ?region=… to the reference, such as ?region=eu-west-1.
  ERR_SECRET_REFERENCE: "token" (ssm::/prod/token): no region is known. Set AWS_REGION, or add ?region=… to the reference, such as ?region=eu-west-1.`,
  },
  {
    when: "the region is none",
    secrets: { token: "ssm::/prod/token?region=x@evil.example/" },
    code: "ERR_SECRET_REFERENCE",
    message: `"token": the ssm reference cannot be used: its ?region= is no region.`,
  },
  {
    when: "there is no extension",
    secrets: { token: "ssm::/prod/token" },
    arrange: () => Object.assign(process.env, { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(closedPort) }),
    options: { via: "extension" },
    code: "ERR_SECRET_UNAVAILABLE",
    message: `"token" (ssm::/prod/token): ssm:GetParameter on /prod/token: the AWS Parameters and Secrets extension did not answer (ECONNREFUSED). Check that its layer is in the function, and PARAMETERS_SECRETS_EXTENSION_HTTP_PORT if it is set.`,
  },
  {
    when: "each store fails in its own way, and one does not",
    secrets: { db: "secretsmanager::prod/bd", ok: "secretsmanager::prod/db", token: "ssm::/prod/Token", key: disabled },
    code: "ERR_SECRET_NOT_FOUND",
    message: `3 of 4 secrets failed.
  ERR_SECRET_NOT_FOUND: "db" (secretsmanager::prod/bd): AWS refused secretsmanager:GetSecretValue on prod/bd (ResourceNotFoundException, HTTP 200). It, or that version of it, does not exist in this account and region.
  ERR_SECRET_NOT_FOUND: "token" (ssm::/prod/Token): there is no such parameter in this account and region. Correct the name (case and a leading slash count), or put it.
  ERR_SECRET_ACCESS_DENIED: "key" (kms::<disabled key>): AWS refused kms:Decrypt on <disabled key> (DisabledException, HTTP 400). The KMS key is disabled: enable it (aws kms enable-key).`,
  },
];

describe("each bad input is one clear error that shows nothing", () => {
  test.each(table)("$when", async ({ secrets, arrange, options = {}, code, message }) => {
    const undo = arrange?.();
    const error: unknown = await createResolver({ providers: awsProviders(options), timeoutMs: 500 })
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
    .replaceAll(/(arn:aws:secretsmanager:[^ ]*)-\w{6}/g, "$1-<random>")
    .replaceAll(`:${closedPort}`, ":<port>")
    .replace(/ It was tried \d+ times\.$/, "");
}
