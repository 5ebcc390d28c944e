import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "@jest/globals";
import type { AwsClients } from "@serverless-secrets/aws-client";
import { bytes, createResolver, isSecretError, json, parseReference } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kms, kmsfile } from "../src/index.ts";
import { envelopeSealer, kmsfileSealer } from "../src/seal.ts";

// Whatever fails: no error shows a value, a data key, a ciphertext, or a text that failed to parse.

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
const root = await mkdtemp(join(tmpdir(), "canary-"));
afterAll(async () => {
  await aws.stop();
  await rm(root, { recursive: true });
});
const { arn } = aws.createKey();
const dataKey = Buffer.from("CANARY-data-key-CANARY-data-key!");
const value = "CANARY-value-CANARY-value";
const shown = (error: unknown) => inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });

test("no way in which a secret fails shows anything of it", async () => {
  const context = "?context.stage=prod";
  const envelope = await seal(envelopeSealer(), `kms::${arn}${context}`, value);
  const file = await seal(kmsfileSealer({ root }), `kmsfile::${arn}::a.txt${context}`, value);
  await mkdir(join(root, "folder"));
  await writeFile(join(root, "plain.txt"), value);
  const payloads = [envelope, file].map((reference) => parseReference(reference).payload ?? "");
  const [wrapped = "", sealed = ""] = payloads[0]?.split(".") ?? [];
  const legacy = `kmsfile::${arn}::${Buffer.from(wrapped, "base64url").toString("base64")}::plain.txt${context}`;
  /** Answers with the canary as the data key: what it opens does not verify. */
  const clients: AwsClients = async () => ({ KeyId: arn, Plaintext: dataKey.toString("base64") });
  const short: AwsClients = async () => ({ KeyId: arn, Plaintext: Buffer.from("CANARY").toString("base64") });
  const elsewhere: AwsClients = async () => ({ KeyId: "CANARY", Plaintext: dataKey.toString("base64") });

  const errors: unknown[] = [];
  const attempt = (run: () => Promise<unknown>) =>
    run().then(
      () => errors.push("it did not fail"),
      (error) => errors.push(error),
    );
  for (const options of [{}, { clients }, { clients: short }, { clients: elsewhere }]) {
    const providers = [kms(options), kmsfile({ root, ...options, allowUnauthenticated: [legacy] })];
    const { resolve } = createResolver({ providers });
    for (const reference of [
      `${envelope}A`,
      envelope.slice(0, 300),
      envelope.replace(`.${sealed}`, ".CANARY"),
      envelope.replace("prod", "dev"),
      `${envelope}&name=db`,
      `${envelope}&name=db&context.name=CANARY`,
      `${envelope}&CANARY=1`,
      file.replace("a.txt", "plain.txt"),
      file.replace("a.txt", "folder"),
      file.replace("a.txt", "no-such-file"),
      file.replace("a.txt", "../CANARY"),
      file.replace("::1.", "::CANARY."),
      legacy.replace("plain", "CANARY"),
      `kms::${arn}::${value}.${value}`,
      `kmsfile::${arn}::${value}`,
      `kmsfile::${value}::${value}`,
    ]) {
      await attempt(() => resolve(reference));
      await attempt(() => resolve(json(reference)));
    }
    // Not authenticated: with any data key of 32 bytes it gives something, and here nothing that is text.
    if (options.clients !== clients) await attempt(() => resolve(bytes(legacy)));
  }
  const { resolve } = createResolver({ providers: [kms(), kmsfile({ root })] });
  for (const reference of [envelope, file]) {
    await attempt(() => resolve(json(reference)));
    await attempt(() => resolve(`${reference}#/a`));
  }
  await attempt(() => seal(kmsfileSealer({ root }), `kmsfile::${arn}::../${value}`, value));
  await attempt(() => seal(envelopeSealer({ clients }), `kms::${arn}::${value}`, value));
  await attempt(() => seal(envelopeSealer({ clients: elsewhere }), `kms::${arn}`, value));
  await attempt(async () => envelopeSealer({ dataKeyOf: `kms::${arn}::${value}` }));

  expect(errors.length).toBeGreaterThan(130);
  const hidden = [dataKey, Buffer.from(value), Buffer.from("CANARY")].flatMap((bytes) =>
    (["utf8", "hex", "base64", "base64url"] as const).map((spelling) => bytes.toString(spelling)),
  );
  for (const error of errors) {
    expect(isSecretError(error)).toBe(true);
    const text = shown(error);
    for (const part of [...hidden, wrapped, sealed.slice(0, 40), wrapped.slice(0, 40)])
      expect(text).not.toContain(part);
  }
});
