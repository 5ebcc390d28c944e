import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { run } from "./command.ts";
import { packed, project } from "./folders.ts";

const { nodes, projects } = packed();
const { folder } = project(projects, "npm", 7);

/** What no function's bundle may hold: the SDK, whatever writes or encrypts, schemas, what require() cannot load. */
const forbidden = ["@aws-sdk", "EncryptCommand", '"Encrypt"', "PutParameter", "zod", "import.meta", "import("];

/** Where a function's bundle may come from: no ./seal, no ./testing, no package besides. */
const allowed =
  /^(examples\/.*|node_modules\/@middy\/(core|util)\/.*|node_modules\/@serverless-secrets\/(core|aws-client|provider-[\w-]+|aws|middy)\/dist\/(?!seal|testing).*)$/;

for (const [format, extension] of [
  ["esm", "mjs"],
  ["cjs", "cjs"],
] as const) {
  suite(`the bundle of examples/middy from the tarballs, ${format}`, () => {
    const outfile = join(folder, `bundled.${extension}`);
    let inputs: readonly string[];

    test("builds without banner, externals or warning", async () => {
      const { warnings, metafile } = await build({
        absWorkingDir: folder,
        entryPoints: ["examples/middy/handler.ts"],
        bundle: true,
        minify: true,
        platform: "node",
        target: "node22.12",
        format,
        outfile,
        metafile: true,
        logLevel: "silent",
      });
      assert.deepEqual(warnings, []);
      inputs = Object.keys(metafile.inputs);
      const externals = Object.values(metafile.outputs).flatMap(({ imports }) =>
        imports.filter(({ external }) => external),
      );
      assert.deepEqual(
        externals.filter(({ path }) => !isBuiltin(path)),
        [],
      );
    });

    test("holds nothing that writes, nothing of tests, no SDK", async (t) => {
      assert.deepEqual(
        inputs.filter((path) => !allowed.test(path)),
        [],
      );
      const code = await readFile(outfile, "utf8");
      assert.deepEqual(
        forbidden.filter((text) => code.includes(text)),
        [],
      );
      t.diagnostic(`${format}: ${code.length} bytes minified, ${gzipSync(code).length} gzipped`);
    });

    for (const { version, binary } of nodes) {
      test(`loads on Node ${version}`, async () => {
        const load = extension === "mjs" ? "await import(process.argv[1])" : "require(process.argv[1])";
        const type = extension === "mjs" ? "module" : "commonjs";
        const script = `console.log(typeof (${load}).handler)`;
        const outcome = await run(binary, [`--input-type=${type}`, "-e", script, outfile], { cwd: folder });
        assert.deepEqual(outcome, { code: 0, stdout: "function\n", stderr: "" });
      });
    }
  });
}
