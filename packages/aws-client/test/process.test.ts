import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { version } from "../src/version.ts";
import { type Loopback, startLoopback } from "./loopback.ts";

const folder = join(import.meta.dirname, "..");
const fixtures = join(folder, "test/fixtures");
const pem = (name: string) => readFileSync(join(fixtures, name));

interface Ended {
  readonly code: number;
  readonly output: string;
  /** From the script's last line to its end. */
  readonly lingeredMs: number;
}

/** Runs an ES module that has `direct`, `request` and `call(ms)`, in a process of its own. */
function run(script: string, env: Readonly<Record<string, string>>, flags: readonly string[] = []): Promise<Ended> {
  const source = `
    import { direct } from ${JSON.stringify(pathToFileURL(join(folder, "src/index.ts")).href)};
    const request = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} };
    const call = (ms) => ({ signal: new AbortController().signal, deadlineMs: Date.now() + ms, background: false });
    ${script}`;
  const keys = { AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "B" };
  let spokenMs = 0;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", ...flags, "--input-type=module", "-e", source],
      { env: { ...keys, ...env }, timeout: 10_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? -1);
        resolve({ code, output: stdout + stderr, lingeredMs: Date.now() - spokenMs });
      },
    );
    child.stdout?.on("data", () => {
      spokenMs = Date.now();
    });
  });
}

describe("a script", () => {
  let server: Loopback;
  beforeAll(async () => {
    server = await startLoopback((_, response) => setTimeout(() => response.end('{"a":1}'), 100));
  });
  afterAll(() => server.stop());

  test("does not end while a call is in flight, and ends at once after it, its connections idle", async () => {
    const script = `
      const clients = direct();
      await Promise.all([1, 2, 3].map(() => clients(request, call(5000))));
      console.log(JSON.stringify(await clients(request, call(5000))));`;
    const ended = await run(script, { AWS_ENDPOINT_URL: server.url });
    expect(ended).toMatchObject({ code: 0, output: '{"a":1}\n' });
    expect(ended.lingeredMs).toBeLessThan(1_000);
  });

  test("loads neither undici nor node:http's lazy exports by importing this package", async () => {
    const script = `console.log(process.moduleLoadList.filter((name) => /undici|^NativeModule (http|internal\\/deps)$/.test(name)).join());`;
    expect(await run(script, {})).toMatchObject({ code: 0, output: "\n" });
  });
});

describe("TLS", () => {
  const servers: { readonly close: () => unknown }[] = [];
  const serveTls = async (options: object = {}): Promise<string> => {
    const server = createServer({ key: pem("key.pem"), cert: pem("cert.pem"), ...options }, (_, response) =>
      response.end('{"a":1}'),
    );
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    servers.push(server);
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => {
    for (const server of servers) server.close();
  });
  const script = `
    const name = (error) => error.cause.name + " " + error.code;
    console.log(await direct()(request, call(5000)).then((answer) => JSON.stringify(answer), name));`;
  const trust = { NODE_EXTRA_CA_CERTS: join(fixtures, "cert.pem") };

  test("answers where the certificate verifies, and the script ends at once", async () => {
    const ended = await run(script, { AWS_ENDPOINT_URL: await serveTls(), ...trust });
    expect(ended).toMatchObject({ code: 0, output: '{"a":1}\n' });
    expect(ended.lingeredMs).toBeLessThan(1_000);
  });

  test("does not, also where NODE_TLS_REJECT_UNAUTHORIZED=0 says it may", async () => {
    const env = { AWS_ENDPOINT_URL: await serveTls(), NODE_TLS_REJECT_UNAUTHORIZED: "0", NODE_NO_WARNINGS: "1" };
    expect((await run(script, env)).output).toBe("DEPTH_ZERO_SELF_SIGNED_CERT ERR_SECRET_PROVIDER\n");
  });

  test("does not for another host's certificate", async () => {
    // The certificate is of localhost and 127.0.0.1.
    const url = (await serveTls()).replace("localhost", "[::ffff:127.0.0.1]");
    const ended = await run(script, { AWS_ENDPOINT_URL: url, ...trust });
    expect(ended.output).toBe("ERR_TLS_CERT_ALTNAME_INVALID ERR_SECRET_PROVIDER\n");
  });

  test("1.1 is refused, also where Node is told to allow it", async () => {
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    const url = await serveTls(old);
    const flags = ["--tls-min-v1.0", "--tls-cipher-list=DEFAULT@SECLEVEL=0"];
    const control = `
      import { get } from "node:https";
      console.log(await new Promise((resolve) => get("${url}", (response) => resolve(response.socket.getProtocol()))));
      process.exit();`;
    expect((await run(control, trust, flags)).output).toBe("TLSv1.1\n");
    const ended = await run(script, { AWS_ENDPOINT_URL: url, ...trust }, flags);
    expect(ended.output).toBe("EPROTO ERR_SECRET_PROVIDER\n");
  });
});

test("the source, but for ./sdk, names no SDK and holds nothing that a bundle or require() cannot take", () => {
  for (const file of readdirSync(join(folder, "src")).filter((name) => name !== "sdk")) {
    const source = readFileSync(join(folder, "src", file), "utf8");
    expect(source).not.toMatch(
      /@aws-sdk|"\.\/sdk\/|import\(|import\.meta|^await |from "node:http"(?<!^import type .*)|\bfetch\(/m,
    );
  }
});

test("the version is the package's", () => {
  expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version).toBe(version);
});
