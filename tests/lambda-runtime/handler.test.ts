import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, type TestContext, test } from "node:test";
import { DisableKeyCommand, EnableKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { type LocalAws, startLocalAws } from "../../packages/local/src/index.ts";
import { startBlackHole } from "./black-hole.ts";
import { bundleHandler, type Format } from "./bundle.ts";
import { type Lambda, type LambdaOptions, startLambda } from "./lambda.ts";

// A function that reads a KMS secret through Middy, as it is deployed, under the client that Lambda runs it with.

/** The secret. Found anywhere but in the handler's own hands, it has leaked. */
const canary = `canary-${randomBytes(16).toString("hex")}`;
const digest = createHash("sha256").update(canary).digest("hex");

/** What the handler returns when it is to show everything. */
interface Everything {
  readonly env: { readonly AWS_LAMBDA_FUNCTION_NAME: string };
  readonly context: object;
  readonly inspected: string;
}

/** What an error of the network ends with: something to do. Its words depend on who noticed first, AWS's client or the deadline. */
const cure = /\b(check|raise|needs)\b/i;

let local: LocalAws;
let kms: KMSClient;
let keyArn: string;
let ciphertext: string;

before(async () => {
  local = await startLocalAws();
  // AWS's own client makes the reference, so that what is read was not written by us.
  kms = new KMSClient({ region: "us-west-1", endpoint: local.endpoint, credentials: local.credentials });
  keyArn = local.createKey({ region: "us-west-1" }).arn;
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from(canary) }));
  ciphertext = Buffer.from(CiphertextBlob as Uint8Array).toString("base64");
});

after(async () => {
  kms.destroy();
  await local.stop();
});

/** Deploys fixtures/handler.ts with a reference in its manifest. When the test is over, all that it logged is searched. */
async function deploy(
  t: TestContext,
  format: Format,
  db: string,
  { env = local.env, timeoutMs = 3000 }: Pick<LambdaOptions, "env" | "timeoutMs"> = {},
): Promise<Lambda> {
  const bundle = await bundleHandler(format, { db });
  t.after(() => bundle.remove());
  const lambda = await startLambda({ bundle: bundle.path, env, timeoutMs });
  t.after(async () => {
    await lambda.stop();
    assertTellsNothing(lambda.stdout() + lambda.stderr(), "the log");
  });
  return lambda;
}

function decrypts(): number {
  return local.calls.filter((call) => call.service === "kms" && call.operation === "Decrypt").length;
}

/** Every way in which a text may hold the secret. */
function assertNoSecret(text: string, where: string): void {
  for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
    assert.ok(!text.includes(Buffer.from(canary).toString(encoding)), `${where} holds the secret (${encoding})`);
  }
}

function assertTellsNothing(text: string, where: string): void {
  assertNoSecret(text, where);
  assert.ok(!text.includes(ciphertext), `${where} holds the ciphertext`);
  assert.ok(!text.includes(local.credentials.secretAccessKey), `${where} holds a credential`);
  assert.ok(!text.includes(local.credentials.sessionToken), `${where} holds a credential`);
}

/** An error's message names the secret, says all of this, and gives nothing away. */
function assertTells(errorMessage: string | undefined, parts: readonly (string | RegExp)[]): void {
  const message = String(errorMessage);
  for (const part of ['"db"', ...parts]) {
    assert.ok(typeof part === "string" ? message.includes(part) : part.test(message), `${part} is not in: ${message}`);
  }
  assertTellsNothing(message, "an error");
}

for (const format of ["esm", "cjs"] as const) {
  describe(`a handler bundled as ${format}`, () => {
    test("1,000 invocations get the secret by one call of KMS", async (t) => {
      const callsBefore = decrypts();
      const lambda = await deploy(t, format, `kms::${keyArn}::${ciphertext}`);
      for (let n = 1; n <= 1000; n++) {
        const { response, error } = await lambda.invoke({ show: "digest" });
        assert.deepEqual({ response, error }, { response: digest, error: undefined }, `invocation ${n}`);
      }
      assert.equal(decrypts() - callsBefore, 1);
    });

    test("neither the environment, the log, nor any way of showing the context holds the secret", async (t) => {
      const lambda = await deploy(t, format, `kms::${keyArn}::${ciphertext}`);
      const { response, error } = await lambda.invoke({ show: "everything" });
      assert.equal(error, undefined);
      const { env, context, ...shown } = response as Everything;

      assert.equal(env.AWS_LAMBDA_FUNCTION_NAME, "under-test");
      assertNoSecret(JSON.stringify(env), "process.env");
      assertNoSecret(JSON.stringify({ context, shown }), "the response");
      assert.equal((await lambda.invoke({ show: "digest" })).response, digest, "and yet the handler has it");
      await lambda.stop();
      assert.match(lambda.stdout(), /INFO[^\n]*awsRequestId/, "the context was logged");
      assert.match(lambda.stdout(), /ERROR[^\n]*awsRequestId/, "as JSON too");
    });

    test("a malformed reference fails the start, and the error names the secret and the cure", async (t) => {
      const lambda = await deploy(t, format, `kms:${keyArn}::${ciphertext}`);
      const { errorType, errorMessage } = await lambda.initError;
      assert.equal(errorType, "SecretError");
      assertTells(errorMessage, ["ERR_SECRET_REFERENCE", "malformed", /scheme/]);
      assert.deepEqual((await lambda.invoke({ show: "digest" })).error?.errorMessage, errorMessage);
      assert.equal(await lambda.exit, 1);
    });

    test("denied by KMS, an invocation's error names the secret, and the action and the key to allow", async (t) => {
      t.after(local.deny({ action: "kms:Decrypt", resource: keyArn }));
      const lambda = await deploy(t, format, `kms::${keyArn}::${ciphertext}`);
      const { response, error } = await lambda.invoke({ show: "digest" });
      assert.equal(response, undefined);
      assert.equal(error?.errorType, "SecretError");
      assertTells(error?.errorMessage, [
        "ERR_SECRET_ACCESS_DENIED",
        "AccessDeniedException",
        /allow/i,
        "kms:Decrypt",
        keyArn,
      ]);
    });

    test("with its key disabled, an invocation's error says so, and once it is enabled the next one succeeds", async (t) => {
      await kms.send(new DisableKeyCommand({ KeyId: keyArn }));
      t.after(() => kms.send(new EnableKeyCommand({ KeyId: keyArn })));
      const lambda = await deploy(t, format, `kms::${keyArn}::${ciphertext}`);
      const { error } = await lambda.invoke({ show: "digest" });
      assert.equal(error?.errorType, "SecretError");
      assertTells(error?.errorMessage, ["ERR_SECRET_ACCESS_DENIED", "DisabledException", `kms::${keyArn}`, /enable/i]);

      await kms.send(new EnableKeyCommand({ KeyId: keyArn }));
      // A second failure in a row is remembered for a second.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      assert.equal((await lambda.invoke({ show: "digest" })).response, digest);
    });

    // 3 s leave time for a whole attempt; 1 s does not, so there the function's own deadline has to end the wait.
    for (const timeoutMs of [3000, 1000]) {
      test(`an endpoint that never answers: the error comes before ${timeoutMs} ms are over, and again`, async (t) => {
        const hole = await startBlackHole();
        t.after(() => hole.stop());
        const env = { ...local.env, AWS_ENDPOINT_URL: hole.endpoint };
        const lambda = await deploy(t, format, `kms::${keyArn}::${ciphertext}`, { env, timeoutMs });
        for (const attempt of ["first", "second"]) {
          const { error, elapsedMs } = await lambda.invoke({ show: "digest" });
          assert.equal(error?.errorType, "SecretError", `${attempt}: ${error?.errorMessage}`);
          assert.ok(elapsedMs < timeoutMs, `${attempt}: ${elapsedMs} ms`);
          assertTells(error?.errorMessage, ["ERR_SECRET_UNAVAILABLE", `kms::${keyArn}`, cure]);
        }
        assert.ok(hole.connections() > 0, "it was asked");
      });
    }
  });
}
