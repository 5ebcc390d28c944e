import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createResolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import { awsProviders, forget, resolve, resolveAll } from "../src/index.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

const key = aws.createKey().arn;
const sealed = (value: string, name = "db") => seal(kmsSealer(), `kms::${key}?name=${name}`, value);
const decrypts = () => aws.calls.filter(({ operation }) => operation === "Decrypt").length;
beforeEach(() => aws.clearLog());

describe("calls to KMS, as it counts them", () => {
  test("100 concurrent reads of one reference are one", async () => {
    const reference = await sealed("correct horse");
    const values = await Promise.all(Array.from({ length: 100 }, () => resolve(reference)));
    expect(new Set(values)).toEqual(new Set(["correct horse"]));
    expect(decrypts()).toBe(1);
  });

  test("20 references are 20, as KMS opens one ciphertext a call, and each value is its own", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
    const references = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await sealed(name, name)] as const)),
    );
    const { ...one } = await resolveAll(references);
    expect(one).toEqual({}); // Concealed: nothing spreads.
    const all = await resolveAll(references);
    expect(names.map((name) => all[name])).toEqual(names);
    expect(await Promise.all(Object.values(references).map((reference) => resolve(reference)))).toEqual(names);
    expect(decrypts()).toBe(20);
  });

  test("a value that was forgotten is fetched again, once", async () => {
    const reference = await sealed("correct horse");
    await resolve(reference);
    forget(reference);
    await Promise.all([resolve(reference), resolve(reference)]);
    expect(decrypts()).toBe(2);
  });
});

describe("one cache", () => {
  test("is shared by whoever takes the providers without options", async () => {
    expect(awsProviders()).toBe(awsProviders());
    const reference = await sealed("correct horse");
    await resolve(reference);
    expect(await createResolver({ providers: awsProviders() }).resolve(reference)).toBe("correct horse");
    expect(decrypts()).toBe(1);
  });

  test("is not shared with providers of other options", async () => {
    const reference = await sealed("correct horse");
    await resolve(reference);
    await createResolver({ providers: awsProviders({}) }).resolve(reference);
    expect(decrypts()).toBe(2);
  });
});

test("credentials may be given instead of read from the environment", async () => {
  const reference = await sealed("correct horse");
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = process.env;
  process.env.AWS_SECRET_ACCESS_KEY = "not the one";
  const { resolve: resolveGiven } = createResolver({ providers: awsProviders({ credentials: aws.credentials }) });
  expect(await resolveGiven(reference)).toBe("correct horse");
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
});
