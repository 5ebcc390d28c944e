import { execFile } from "node:child_process";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "@serverless-secrets/local";

// As a user does: seal, build, deploy; with local AWS in place of AWS's.

const aws: LocalAws = await startLocalAws();
const folder = await mkdtemp(join(tmpdir(), "example-kmsfile-"));
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

function node(args: readonly string[], env: Readonly<Record<string, string>>, input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, stdout: string, stderr: string) =>
      error === null && stderr === "" ? resolve(stdout) : reject(new Error(`${error?.message} ${stderr}`));
    execFile(process.execPath, [...args], { cwd: folder, env: { ...env } }, done).stdin?.end(input);
  });
}

test("what is sealed and built is read where it is deployed, by two KMS requests", async () => {
  for (const file of ["handler.ts", "seal.ts", "build.ts"]) {
    await copyFile(join(import.meta.dirname, file), join(folder, file));
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await symlink(join(import.meta.dirname, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "signing-key.pem"), pem);
  const { arn } = aws.createKey();

  await node(
    ["seal.ts", arn, "signing-key.pem"],
    aws.env,
    JSON.stringify({ partnerToken: "a token", partnerId: "42" }),
  );
  await node(["build.ts", "deployed"], { PATH: process.env["PATH"] ?? "" });
  const deployed = join(folder, "deployed");
  expect(await readdir(deployed, { recursive: true })).toEqual(["index.mjs", "sealed", "sealed/signing-key.pem"]);
  for (const file of ["index.mjs", "sealed/signing-key.pem"]) {
    expect(await readFile(join(deployed, file), "latin1")).not.toMatch(/PRIVATE KEY|a token/);
  }

  aws.clearLog();
  const script = `import(${JSON.stringify(join(deployed, "index.mjs"))})
    .then(({ handler }) => handler({ body: "two horses" }, {}))
    .then((answer) => process.stdout.write(JSON.stringify(answer)));`;
  const { headers } = JSON.parse(await node(["-e", script], { ...aws.env, LAMBDA_TASK_ROOT: deployed }));
  expect(headers.authorization).toBe("Bearer 42:a token");
  const signature = Buffer.from(headers.signature, "base64");
  expect(verify("sha256", Buffer.from("two horses"), createPublicKey(privateKey), signature)).toBe(true);
  expect(aws.calls.map(({ operation }) => operation)).toEqual(["Decrypt", "Decrypt"]);
  const contexts = aws.checks.map(({ context }) => context["kms:EncryptionContext:serverless-secrets"]);
  expect([...contexts].sort()).toEqual(["envelope/1", "kmsfile/1"]);
});
