import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type LocalAws, startLocalAws } from "../../packages/local/src/index.ts";

// The README's five minutes, with the real AWS CLI (from PyPI) against local AWS: what a new user copies, is run.

const root = fileURLToPath(new URL("../..", import.meta.url));
const venv = join(dirname(fileURLToPath(import.meta.url)), ".venv", "bin");
const secret = `whsec_${randomBytes(12).toString("hex")}`;

let aws: LocalAws;
let folder: string;

before(async () => {
  aws = await startLocalAws({ region: "us-west-1" });
  folder = await mkdtemp(join(tmpdir(), "readme-"));
  await copyFile(join(root, "examples/middy/handler.ts"), join(folder, "handler.ts"));
  await symlink(join(root, "examples/middy/node_modules"), join(folder, "node_modules"));
});
after(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});

/** Runs blocks of the README, one after the other, as a user's shell would, and gives what it printed. */
async function run(marks: readonly string[], input: string): Promise<string> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const code = marks.map((mark) => {
    const block = new RegExp(
      `<!-- run: ${mark} -->
\n?\`\`\`bash
(.*?)
\`\`\``,
      "s",
    ).exec(readme)?.[1];
    assert.ok(block, `the README has a block marked "run: ${mark}"`);
    return block;
  });
  const path = [venv, join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const shell = spawn("bash", ["-euo", "pipefail", "-c", code.join("\n")], {
    cwd: folder,
    env: { ...aws.env, PATH: path, HOME: folder, AWS_PAGER: "" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk) => (printed += chunk));
  shell.stdin.end(input);
  const [exitCode] = await once(shell, "close");
  assert.equal(exitCode, 0, printed);
  return printed;
}

test("the AWS CLI encrypts, and what the README writes to secrets.json is a manifest", async () => {
  const printed = await run(["key", "read", "encrypt"], `${secret}\n`);
  assert.ok(!printed.includes(secret));
  const manifest = JSON.parse(await readFile(join(folder, "secrets.json"), "utf8"));
  assert.match(manifest.webhook, /^kms::arn:aws:kms:us-west-1:\d{12}:key\/[0-9a-f-]{36}::[\w+/]+=*\?name=webhook$/);
});

test("the handler is bundled as the README says, and reads the secret", async () => {
  await run(["bundle"], "");
  const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, "index.mjs")).href)});
    process.stdout.write(JSON.stringify(await handler({ body: "hello" }, {})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    env: aws.env,
  });
  const expected = createHmac("sha256", secret).update("hello").digest("hex");
  assert.equal(JSON.parse(stdout).headers["x-signature"], expected);
});
