// The main job, with no AWS account: a secret is sealed, its reference committed, and a Lambda handler reads it.
import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import { bundleExample } from "./bundle.ts";
import { heading, nextSteps, say } from "./words.ts";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "serverless-secrets-demo-"));
const aws = await startLocalAws({ region: "us-west-1" });
try {
  heading("1. AWS, on this machine");
  const key = aws.createKey({ alias: "alias/demo" });
  say(`KMS answers on ${aws.endpoint}, with real encryption and signature checks. It made the key`, key.arn);

  heading("2. A secret is encrypted, once, by someone who may");
  const secret = `whsec_${randomBytes(24).toString("base64url")}`;
  Object.assign(process.env, aws.env); // As a shell with credentials of the account has it.
  const reference = await seal(kmsSealer(), `kms::${key.arn}?name=webhook`, secret);
  const manifest = join(folder, "secrets.json");
  await writeFile(manifest, `${JSON.stringify({ webhook: reference }, null, 2)}\n`);
  say("What the team commits, in secrets.json, is the reference. The ciphertext opens only with the key:", reference);

  heading("3. A function is bundled and deployed");
  const bundle = await bundleExample(folder, manifest);
  say(
    `examples/middy/handler.ts became one file of ${Math.round(bundle.sizeBytes / 1024)} kB, the library and Middy included, minified.`,
  );

  heading("4. It runs: a cold start, then 1,000 warm invocations");
  aws.clearLog();
  const script = fileURLToPath(import.meta.resolve("./cold.ts"));
  const { stdout, stderr } = await run(process.execPath, [script, bundle.path], { env: aws.env });
  const report = JSON.parse(stdout);
  const expected = createHmac("sha256", secret).update("hello").digest("hex");
  const calls = aws.calls.filter(({ operation }) => operation === "Decrypt").length;
  check(report.answer.headers["x-signature"] === expected, "the handler signed with the right secret");
  check(calls === 1, "KMS was called once");
  say(`cold   ${report.coldMs.toFixed(1).padStart(7)} ms   import the bundle, ask KMS, answer`);
  say(`warm   ${report.warmMedianMs.toFixed(3).padStart(7)} ms   median of 1,000, from memory`);
  say(`KMS    ${String(calls).padStart(7)} call for 1,001 invocations`);

  heading("5. What could have leaked, has not");
  say("console.log(context) inside the function, every option of it turned on, prints:", report.printed);
  aws.deny({ action: "kms:Decrypt" });
  const denied = await run(process.execPath, [script, bundle.path], { env: { ...aws.env } }).catch((error) => error);
  const message = String(denied.stderr).trim();
  check(
    message.includes('"webhook"') && message.includes("kms:Decrypt"),
    "when the role may not decrypt, the error names the secret and the cure:",
  );
  say(message);
  const leaks = [
    ["process.env of the function", JSON.stringify(report.environment)],
    ["what the function printed and answered, the error included", stdout + stderr + denied.stdout + denied.stderr],
    ["the bundle and the manifest", reference],
    ["the log of the calls to AWS", JSON.stringify([aws.calls, aws.checks])],
  ] as const;
  for (const [where, text] of leaks) check(!text.includes(secret), `the secret is not in ${where}`);

  heading("6. Next, with a real account");
  say(nextSteps);
} finally {
  await aws.stop();
  await rm(folder, { recursive: true });
}

/** Says what holds; a demo of what does not hold ends with an error. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The demo failed: ${what} does not hold.`);
  say(`✓ ${what}`);
}
