import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";

// In a process of its own: in jest's realm the errors of Node's own core are no instances of Error, and the SDK then drops
// their code.

const folder = join(import.meta.dirname, "..");
const aws = await startLocalAws();
afterAll(() => aws.stop());

/** What a Decrypt through the SDK fails with in a process of its own. */
function failure(endpoint: string): Promise<{ code: string; detail: string; cause: unknown; text: string }> {
  const script = `
    import { KMS } from "@aws-sdk/client-kms";
    import { sdk } from ${JSON.stringify(join(folder, "src/sdk/index.ts"))};
    const clients = sdk({ kms: (region) => new KMS({ region, endpoint: process.argv[1], maxAttempts: 1 }) });
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5000, background: false };
    const request = { service: "kms", operation: "Decrypt", region: "us-east-1", input: { CiphertextBlob: "aGk=" } };
    clients(request, call).catch((error) => {
      const { code, detail, cause } = error;
      console.log(JSON.stringify({ code, detail, cause, text: error.stack }));
    });`;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script, endpoint],
      { cwd: folder, env: { ...aws.env, PATH: process.env["PATH"] }, timeout: 10_000 },
      (error, stdout) => (error === null ? resolve(JSON.parse(stdout)) : reject(error)),
    );
  });
}

const unreachable = (name: string) => ({
  code: "ERR_SECRET_UNAVAILABLE",
  detail: `kms:Decrypt: no answer from AWS (${name}). Check that its endpoint can be reached from here; in a VPC that takes a NAT gateway or an interface endpoint.`,
  cause: { name },
});

test("nobody there", async () => {
  expect(await failure("http://127.0.0.1:1")).toMatchObject(unreachable("ECONNREFUSED"));
  expect(await failure("https://nowhere.invalid")).toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
});

test.each(["reset", "truncate"] as const)("%s", async (kind) => {
  const end = aws.fail({ kind });
  expect(await failure(aws.endpoint).finally(end)).toMatchObject(unreachable("ECONNRESET"));
});

test("what is no HTTP does not pass by itself, and is not quoted", async () => {
  const end = aws.fail({ kind: "garbage" });
  const error = await failure(aws.endpoint).finally(end);
  expect(error).toMatchObject({ code: "ERR_SECRET_PROVIDER", cause: { name: "HPE_INVALID_CONSTANT" } });
  expect(error.text).not.toContain("This is not");
});

test("a certificate that does not verify", async () => {
  const pem = (name: string) => readFileSync(join(folder, "test/fixtures", name));
  const server = createServer({ key: pem("key.pem"), cert: pem("cert.pem") });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const error = await failure(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await new Promise((resolve) => server.close(resolve));
  expect(error).toMatchObject({
    code: "ERR_SECRET_PROVIDER",
    detail: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    cause: { name: "DEPTH_ZERO_SELF_SIGNED_CERT" },
  });
});
