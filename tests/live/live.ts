import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Made, readMade } from "./made.ts";
import { sweep } from "./sweep.ts";

// The contract tests of all providers on a real account: `pnpm live [options of jest's]`, with AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and what belongs to them in the environment; AWS_REGION, else us-east-1.
//
// What they make is named serverless-secrets-contract… (parameters: /serverless-secrets-contract/…) and a random id; keys
// and tables are tagged serverless-secrets=contract-test. The contracts delete it at their end, and what they did not get to
// is deleted here, also after failures or Ctrl-C. After worse, `pnpm live --sweep FILE`; FILE is printed at the start.
//
// Needed, on `*`, in a role for this alone. Not on the names alone: of a secret that is not there AWS asks on no ARN.
//   kms: CreateKey, TagResource, DescribeKey, DisableKey, ScheduleKeyDeletion, CreateAlias, DeleteAlias, Encrypt, Decrypt,
//     GenerateDataKey
//   secretsmanager: CreateSecret, PutSecretValue, UpdateSecretVersionStage, GetSecretValue, BatchGetSecretValue,
//     DescribeSecret, DeleteSecret, RestoreSecret
//   ssm: PutParameter, LabelParameterVersion, GetParameter, GetParameters, DeleteParameters
//   dynamodb: CreateTable, TagResource, DescribeTable, DeleteTable, PutItem, GetItem, BatchGetItem, Query
//
// A run takes about 4 minutes, in which 1,700 requests make 16 KMS keys, 72 secrets, 58 parameters (2 of them advanced) and 2
// tables billed on demand. By AWS's list prices that is about 0.10 USD, an hour of all of them included; a key that waits for
// its deletion costs nothing.

/** So long after the end of a run AWS may still do what it was asked for. */
const cutMs = 5_000;

process.env["AWS_REGION"] ||= process.env["AWS_DEFAULT_REGION"] || "us-east-1";
// The SDK would take the profile's credentials, the direct client the environment's: of another account, maybe.
delete process.env["AWS_PROFILE"];
const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
const [first, ...others] = process.argv.slice(2);

if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
  console.log("live: not run (no AWS credentials in the environment)");
} else {
  const elsewhere = Object.keys(process.env).some((name) => name.startsWith("AWS_ENDPOINT_URL") && process.env[name]);
  if (elsewhere) console.log("live: an AWS_ENDPOINT_URL is set, so this is not AWS that is tested");
  if (first === "--sweep" && others[0] !== undefined) {
    process.exitCode = await cleanUp(others[0]);
  } else {
    const file = join(tmpdir(), `serverless-secrets-live-${randomUUID()}.jsonl`);
    console.log(`live: what is made is written down in ${file}`);
    // Elsewhere all is consistent at once.
    const status = await runTests({
      LIVE_MADE: file,
      LIVE_SETTLE_MS: process.env["LIVE_SETTLE_MS"] ?? (elsewhere ? "0" : "2000"),
    });
    process.exitCode = (await cleanUp(file)) || status;
  }
}

/** Runs jest, and outlives it and its workers. */
async function runTests(environment: Readonly<Record<string, string>>): Promise<number> {
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  const jest = spawn(
    process.execPath,
    [
      "--experimental-vm-modules",
      "--disable-warning=ExperimentalWarning",
      path("../../node_modules/jest/bin/jest.js"),
      `--config=${path("jest.config.js")}`,
      ...process.argv.slice(2),
    ],
    // A process group of its own: its workers would go on without it.
    { stdio: "inherit", env: { ...process.env, ...environment }, detached: true },
  );
  const kill = (): void => {
    try {
      if (jest.pid !== undefined) process.kill(-jest.pid, "SIGKILL");
    } catch {
      // Nobody is left.
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, kill);
  const [code] = (await once(jest, "exit")) as [number | null];
  if (code === null) {
    kill();
    console.log("live: cut short. A key whose making was not answered yet is known by its tag alone: look for it");
    await sleep(cutMs);
  }
  return code ?? 1;
}

/** Deletes what is left of what a file tells of, and the file where nothing is. */
async function cleanUp(file: string): Promise<number> {
  const made = readMade(file);
  const { found, left } = await sweep(made);
  const tell = ({ kind, id }: Made): string => `\n  ${kind} ${id}`;
  const keys = made.filter(({ kind }) => kind === "key").length;
  console.log(
    `live: of ${made.length} that were made ${found.length} were there at the end, and are deleted; ${left.length} are left`,
  );
  if (keys > 0) console.log(`live: ${keys} of them are KMS keys, which AWS deletes in 7 days`);
  if (left.length === 0) {
    rmSync(file, { force: true });
    return 0;
  }
  console.log(`live: delete these by hand, or by pnpm live --sweep ${file}${left.map(tell).join("")}`);
  return 1;
}
