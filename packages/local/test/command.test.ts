import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { describe, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { client } from "./client.ts";

const bin = join(import.meta.dirname, "../src/bin.ts");
const PATH = process.env["PATH"] ?? "";
const inherited = { PATH, AWS_PROFILE: "work", AWS_ENDPOINT_URL_KMS: "https://kms.us-east-1.amazonaws.com" };

function local(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...args], { encoding: "utf8", env: inherited, timeout: 10_000 });
}

/** Asks the server that a set of printed variables leads to. */
async function ask(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = env;
  const { AWS_SESSION_TOKEN: sessionToken = "", AWS_REGION: region = "", AWS_ENDPOINT_URL: endpoint = "" } = env;
  const aws = { endpoint, region, credentials: { accessKeyId, secretAccessKey, sessionToken } } as LocalAws;
  await client(aws).send(new ListKeysCommand({}));
}

describe("serverless-secrets-local", () => {
  test("prints the environment that leads to it, and runs until it is told to stop", async () => {
    const child = spawn(process.execPath, [bin, "--region", "eu-west-3"], { env: inherited });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await once(child.stdout, "end"); // though it goes on running: eval "$(… &)" waits for this
    const env = Object.fromEntries(
      [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value] as const),
    );
    expect(stdout).toMatch(/^unset AWS_PROFILE\nunset AWS_ENDPOINT_URL_KMS\nexport AWS_ENDPOINT_URL=/);
    expect(env["AWS_REGION"]).toBe("eu-west-3");
    await ask(env);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(stderr).toContain(`AWS is at ${env["AWS_ENDPOINT_URL"]} until this process (${child.pid}) is stopped`);
    expect(stderr).not.toContain(env["AWS_SECRET_ACCESS_KEY"]);
    await expect(ask(env)).rejects.toBeDefined();
  });

  test("runs a command in that environment alone, and exits with its code", async () => {
    const print = "console.log(JSON.stringify(process.env)); process.exitCode = 7";
    const { status, stdout } = local("--", process.execPath, "-e", print);
    const env = JSON.parse(stdout);
    expect(status).toBe(7);
    expect(
      Object.keys(env)
        .filter((name) => name.startsWith("AWS_"))
        .sort(),
    ).toEqual([
      "AWS_ACCESS_KEY_ID",
      "AWS_DEFAULT_REGION",
      "AWS_ENDPOINT_URL",
      "AWS_REGION",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
    ]);
    await expect(ask(env)).rejects.toBeDefined(); // stopped with it
  });

  test("passes the command's own options and -- on to it", () => {
    const { stdout } = local("--", process.execPath, "-p", "process.argv.slice(1).join()", "--", "--port", "--", "x");
    expect(stdout.trim()).toBe("--port,--,x");
  });

  test.each([
    [["sh", "-c", "kill -TERM $$"], 143],
    [["no-such-command"], 127],
    [[tmpdir()], 126],
  ])("exits as a shell does: %j, %d", (command, code) => {
    expect(local("--", ...command).status).toBe(code);
  });

  test("passes SIGTERM on to the command", async () => {
    const wait = "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up')";
    const child = spawn(process.execPath, [bin, "--", process.execPath, "-e", wait], { env: inherited });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([9, null]);
  });

  test("--help prints the usage on stdout", () => {
    expect(local("--help")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Usage: serverless-secrets-local/),
    });
  });

  test.each([
    [["--prot", "1"], "Unknown option '--prot'"],
    [["--port"], "argument missing"],
    [["--port", "65536"], "--port takes a number from 0 to 65535, not '65536'"],
    [["--port", "x"], "--port takes a number"],
    [["--region", "x@evil.example/#"], "--region takes a region"],
    [["--folder", ""], "--folder takes"],
    [["extra"], "Unexpected argument 'extra'"],
    [["--"], "A command is missing after --"],
  ])("%j is a wrong command line", (args, message) => {
    const { status, stdout, stderr } = local(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).toContain("Usage: ");
  });

  test("a folder that is in use is an error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "local-aws-"));
    const aws = await startLocalAws({ folder });
    const { status, stderr } = local("--folder", folder, "--", "true");
    expect([status, stderr]).toEqual([1, expect.stringContaining(`(process ${process.pid})`)]);
    await aws.stop();
    rmSync(folder, { recursive: true });
  });
});
