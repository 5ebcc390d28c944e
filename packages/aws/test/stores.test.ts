import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createResolver, parseReference } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import { awsProviders, resolveAll } from "../src/index.ts";

const aws = await startLocalAws({ region: "us-west-1" });
const extension = await aws.startExtension();
Object.assign(process.env, aws.env);
beforeEach(() => aws.clearLog());
afterAll(() => aws.stop());

const webhook = await seal(kmsSealer(), `kms::${aws.createKey().arn}`, "of kms");
for (const region of ["us-west-1", "eu-west-1"]) {
  aws.createSecret({ name: "prod/db", value: JSON.stringify({ password: `of secretsmanager in ${region}` }), region });
  aws.putParameter({ name: "/prod/token", value: `of ssm in ${region}`, region });
}
const manifest = { webhook, db: "secretsmanager::prod/db#/password", token: "ssm::/prod/token" };
const operations = () => aws.calls.map(({ operation, region }) => `${operation} in ${region}`);

test("the schemes are kms, kmsfile, secretsmanager, ssm and credstash", () => {
  const schemes = ["kms", "kmsfile", "secretsmanager", "ssm", "credstash"];
  expect(awsProviders().map(({ scheme }) => scheme)).toEqual(schemes);
  expect(awsProviders({}).map(({ scheme }) => scheme)).toEqual(schemes);
});

test("several stores are asked at once", async () => {
  aws.setLatency(200);
  const startMs = Date.now();
  const { webhook, db, token } = await resolveAll(manifest);
  const tookMs = Date.now() - startMs;
  aws.setLatency(0);
  expect([webhook, db, token]).toEqual(["of kms", "of secretsmanager in us-west-1", "of ssm in us-west-1"]);
  expect(operations().sort()).toEqual([
    "Decrypt in us-west-1",
    "GetParameters in us-west-1",
    "GetSecretValue in us-west-1",
  ]);
  // All had arrived before the first was answered.
  const arrivedMs = aws.calls.map(({ atMs }) => atMs);
  expect(Math.max(...arrivedMs) - Math.min(...arrivedMs)).toBeLessThan(150);
  expect(tookMs).toBeLessThan(390);
});

test("of ten in one batch of which one is denied, nine are served, and the one is named", async () => {
  const names = Array.from({ length: 10 }, (_, i) => `ten/s${i}`);
  const made = names.map((name) => aws.createSecret({ name, value: `of ${name}` }));
  const allow = aws.deny({ action: "secretsmanager:GetSecretValue", resource: made[3]?.arn ?? "" });
  const { resolve, resolveAll: all } = createResolver({ providers: awsProviders({}) });
  aws.clearLog();

  const results = await Promise.allSettled(names.map((name) => resolve(`secretsmanager::${name}`)));
  const served = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(served).toEqual(names.filter((_, i) => i !== 3).map((name) => `of ${name}`));
  expect(operations()).toEqual(["BatchGetSecretValue in us-west-1"]);

  const refs = Object.fromEntries(names.map((name, i) => [`s${i}`, `secretsmanager::${name}`]));
  await expect(all(refs)).rejects.toMatchObject({
    code: "ERR_SECRET_ACCESS_DENIED",
    secretName: "s3", // of several there would be none
  });
  expect(aws.calls.length).toBe(2); // the nine are in memory; the one is asked for again, alone
  allow();
});

describe("options", () => {
  test("region: where names are; what names its region is read there", async () => {
    const { resolveAll } = createResolver({ providers: awsProviders({ region: "eu-west-1" }) });
    const { webhook, db, token, here } = await resolveAll({ ...manifest, here: "ssm::/prod/token?region=us-west-1" });
    expect([webhook, db, token, here]).toEqual([
      "of kms",
      "of secretsmanager in eu-west-1",
      "of ssm in eu-west-1",
      "of ssm in us-west-1",
    ]);
  });

  test("via: secrets and parameters come through the extension, ciphertexts from KMS", async () => {
    Object.assign(process.env, extension.env);
    const { resolveAll } = createResolver({ providers: awsProviders({ via: "extension" }) });
    const { webhook, db, token } = await resolveAll(manifest);
    expect([webhook, db, token]).toEqual(["of kms", "of secretsmanager in us-west-1", "of ssm in us-west-1"]);
    const through = aws.calls
      .filter(({ userAgent }) => /extension/.test(userAgent ?? ""))
      .map(({ operation }) => operation);
    expect(through.sort()).toEqual(["GetParameter", "GetSecretValue"]);
  });

  test("via comes before clients: the stores go through the extension, KMS by the clients", async () => {
    Object.assign(process.env, extension.env);
    const clients = async () => Promise.reject(new Error("not these"));
    const { resolve } = createResolver({ providers: awsProviders({ via: "extension", clients }) });
    expect(await resolve("ssm::/prod/token")).toBe("of ssm in us-west-1");
    await expect(resolve(webhook)).rejects.toMatchObject({ code: "ERR_SECRET_PROVIDER" });
  });
});

test("the permissions of all are what AWS checks, and no more", async () => {
  const providers = awsProviders({});
  await createResolver({ providers }).resolveAll(manifest);
  const scope = { partition: "aws", region: aws.region, accountId: aws.accountId, keyArn: () => undefined };
  const actions = providers.flatMap((provider) => {
    const targets = Object.values(manifest)
      .map(parseReference)
      .filter(({ scheme }) => scheme === provider.scheme)
      .map((reference) => provider.parse(reference));
    return provider.permissions(targets, scope).flatMap((permission) => permission.actions);
  });
  const checked = aws.checks
    .filter(({ context }) => context["kms:ViaService"] === undefined)
    .map(({ action }) => action);
  expect(actions.sort()).toEqual(checked.sort());
});
