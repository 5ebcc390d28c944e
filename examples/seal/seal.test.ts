import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "@jest/globals";
import { resolveAll } from "@serverless-secrets/aws";
import { startLocalAws } from "@serverless-secrets/local";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
const folder = await mkdtemp(join(tmpdir(), "seal-"));
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});

test("a secret is added to the manifest, and changed; the others stay", async () => {
  const manifest = join(folder, "secrets.json");
  await writeFile(manifest, '{ "old": "ssm::/prod/old" }');
  const put = async (name: string, secret: string) => {
    const script = fileURLToPath(new URL("./seal.ts", import.meta.url));
    const running = promisify(execFile)(process.execPath, [script, manifest, aws.createKey().arn, name], {
      env: aws.env,
    });
    running.child.stdin?.end(`${secret}\n`);
    expect(await running).toEqual({ stdout: "", stderr: "" });
  };
  await put("webhook", "first");
  await put("webhook", "second");
  await put("token", "battery staple");

  const { old, ...sealed } = JSON.parse(await readFile(manifest, "utf8"));
  expect(old).toBe("ssm::/prod/old");
  const { webhook, token } = await resolveAll(sealed as { webhook: string; token: string });
  expect([webhook, token]).toEqual(["second", "battery staple"]);
});
