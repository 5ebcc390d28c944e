import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "@jest/globals";
import { seal } from "@serverless-secrets/core/seal";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import type { Plugin } from "esbuild";
import { bundle } from "./bundle.ts";
import { handler } from "./handler.ts";
import manifest from "./secrets.json" with { type: "json" };

const here = import.meta.dirname;
const aws = await startLocalAws();
const folder = await mkdtemp(join(tmpdir(), "example-sdk-"));
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});
const signature = createHmac("sha256", "correct horse").update("hello").digest("hex");

test("the handler signs the body with the webhook secret", async () => {
  const answer = await withFakeSecrets(
    { [manifest.webhook]: "correct horse" },
    () => handler({ body: "hello" }, {} as never), // The middleware fills the context.
  );
  expect(answer.headers["x-signature"]).toBe(signature);
});

/** Another manifest in place of the example's. */
const withManifest = (webhook: string): Plugin[] => [
  {
    name: "manifest",
    setup(it) {
      it.onLoad({ filter: /\/secrets\.json$/ }, () => ({ loader: "json", contents: JSON.stringify({ webhook }) }));
    },
  },
];

/** Calls a bundled handler in a process of its own, in a folder with no packages. */
async function call(outfile: string): Promise<{ signature: string; stderr: string }> {
  const load = outfile.endsWith(".mjs") ? `await import("${outfile}")` : `require("${outfile}")`;
  const script = `(async () => {
    const { handler } = ${load};
    console.log((await handler({ body: "hello" }, {})).headers["x-signature"]);
  })()`;
  const type = `--input-type=${outfile.endsWith(".mjs") ? "module" : "commonjs"}`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [type, "-e", script], {
    cwd: folder,
    env: { ...aws.env },
  });
  return { signature: stdout.trim(), stderr };
}

describe.each(["mjs", "cjs"])("bundled as .%s", (extension) => {
  test("this example builds without a warning, and fetches its secret through the SDK", async () => {
    const { arn } = aws.createKey();
    Object.assign(process.env, aws.env);
    const reference = await seal(kmsSealer(), `kms::${arn}?name=webhook`, "correct horse");
    const outfile = join(folder, `sdk.${extension}`);
    const built = await bundle(join(here, "handler.ts"), outfile, { plugins: withManifest(reference) });
    expect(built.warnings).toEqual([]);
    aws.clearLog();
    expect(await call(outfile)).toEqual({ signature, stderr: "" });
    expect(aws.calls.map(({ operation, userAgent }) => [operation, userAgent])).toEqual([
      ["Decrypt", expect.stringMatching(/^aws-sdk-js\//)],
    ]);
  });

  test.each([
    ["with the SDK installed", [join(here, "node_modules")]],
    ["without it", []],
  ])("examples/middy builds without a warning and holds nothing of the SDK, %s", async (_, nodePaths) => {
    const outfile = join(folder, `middy.${extension}`);
    const built = await bundle(join(here, "../middy/handler.ts"), outfile, { nodePaths, metafile: true });
    expect(built.warnings).toEqual([]);
    expect(Object.keys(built.metafile?.inputs ?? {}).filter((path) => /@aws-sdk|@smithy|\/sdk\//.test(path))).toEqual(
      [],
    );
    const code = await readFile(outfile, "utf8");
    expect(["@aws-sdk", "import("].filter((text) => code.includes(text))).toEqual([]);
  });
});
