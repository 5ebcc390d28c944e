import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { direct } from "../../packages/aws-client/src/index.ts";
import { seal } from "../../packages/core/src/seal.ts";
import { type LocalAws, startLocalAws } from "../../packages/local/src/index.ts";
import { credstashSealer } from "../../packages/provider-credstash/src/seal.ts";
import { envelopeSealer, kmsfileSealer, kmsSealer } from "../../packages/provider-kms/src/seal.ts";
import { secretsManagerSealer } from "../../packages/provider-secrets-manager/src/seal.ts";
import { ssmSealer } from "../../packages/provider-ssm/src/seal.ts";
import { bundleHandler } from "./bundle.ts";
import { startLambda } from "./lambda.ts";

// One function with a secret of each scheme, each sealed as its users seal it, under the client that Lambda runs it with.

const latencyMs = 150;
const secretPart = randomBytes(8).toString("hex");
const value = (name: string) => `canary-${name}-${secretPart}`;
const digest = (text: string) => createHash("sha256").update(text).digest("hex");

let local: LocalAws;
let root: string;
let manifest: Readonly<Record<string, string>>;

before(async () => {
  local = await startLocalAws({ region: "us-west-1" });
  root = await mkdtemp(join(tmpdir(), "task-root-"));
  Object.assign(process.env, local.env);
  const key = local.createKey().arn;
  await direct()(
    {
      service: "dynamodb",
      operation: "CreateTable",
      region: local.region,
      input: {
        TableName: "credential-store",
        KeySchema: [
          { AttributeName: "name", KeyType: "HASH" },
          { AttributeName: "version", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "name", AttributeType: "S" },
          { AttributeName: "version", AttributeType: "S" },
        ],
        BillingMode: "PAY_PER_REQUEST",
      },
    },
    { signal: new AbortController().signal, deadlineMs: Date.now() + 10_000, background: false },
  );
  manifest = {
    raw: await seal(kmsSealer(), `kms::${key}?name=raw`, value("raw")),
    envelope: await seal(envelopeSealer(), `kms::${key}?name=envelope`, value("envelope")),
    file: await seal(kmsfileSealer({ root }), `kmsfile::${key}::sealed/file?name=file`, value("file")),
    secret: await seal(secretsManagerSealer(), "secretsmanager::prod/shop", value("secret")),
    parameter: await seal(ssmSealer(), "ssm::/prod/shop", value("parameter")),
    credential: await seal(credstashSealer(), `credstash::shop?key=${key}`, value("credential")),
  };
  local.clearLog();
});

after(async () => {
  await local.stop();
  await rm(root, { recursive: true });
});

for (const format of ["esm", "cjs"] as const) {
  test(`a secret of each scheme in one handler, bundled as ${format}: one round of calls, all at once`, async (t) => {
    local.clearLog();
    local.setLatency(latencyMs);
    const bundle = await bundleHandler(format, manifest, "stores");
    t.after(() => bundle.remove());
    await cp(root, dirname(bundle.path), { recursive: true }); // what is deployed with the function
    const lambda = await startLambda({ bundle: bundle.path, env: local.env, timeoutMs: 5_000 });
    t.after(() => lambda.stop());

    for (let n = 0; n < 20; n += 1) {
      const { response, error } = await lambda.invoke({});
      const names = ["raw", "envelope", "file", "secret", "parameter", "credential"];
      assert.deepEqual({ response, error }, { response: names.map((name) => digest(value(name))), error: undefined });
    }

    const operations = local.calls.map(({ operation }) => operation).sort();
    // Three ciphertexts of KMS's own, and the data key of the credstash item, which is known when the item is there.
    const decrypts = ["Decrypt", "Decrypt", "Decrypt", "Decrypt"];
    assert.deepEqual(operations, [...decrypts, "GetItem", "GetParameters", "GetSecretValue"]);
    const firstRound = local.calls.slice(0, 6).map(({ atMs }) => atMs);
    const spreadMs = Math.max(...firstRound) - Math.min(...firstRound);
    assert.ok(spreadMs < latencyMs, `all were sent before the first was answered: within ${spreadMs} ms`);
  });
}
