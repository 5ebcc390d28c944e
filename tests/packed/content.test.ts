import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { run, succeed } from "./command.ts";
import { packed } from "./folders.ts";

const { folder, tarballs } = packed();
const attw = fileURLToPath(new URL("dist/index.js", import.meta.resolve("@arethetypeswrong/cli/package.json")));

/** The names of a tarball's files, less the `package/` before each. */
async function filesOf(tarball: string): Promise<readonly string[]> {
  const { stdout } = await succeed("tar", ["-tzf", tarball], { cwd: folder });
  return stdout
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
}

async function textOf(tarball: string, name: string): Promise<string> {
  return (await succeed("tar", ["-xzOf", tarball, `package/${name}`], { cwd: folder })).stdout;
}

for (const { name, file, manifest } of tarballs) {
  suite(`${name}, its tarball`, () => {
    test("holds dist, src and the papers, and nothing else", async () => {
      const strangers = (await filesOf(file)).filter(
        (path) => !/^(dist|src)\/[\w/-]+(\.js|\.d\.ts|\.js\.map|\.d\.ts\.map|\.ts)$/.test(path),
      );
      assert.deepEqual(strangers.sort(), ["LICENSE", "README.md", "package.json"]);
      assert.deepEqual(
        (await filesOf(file)).filter((path) => /\btests?\/|\.test\.|^dist\/.*(?<!\.d)\.ts$/.test(path)),
        [],
      );
    });

    test("holds of each source file what was compiled from it, and nothing that is older", async () => {
      const files = await filesOf(file);
      const sources = files.filter((path) => path.startsWith("src/")).map((path) => path.slice(4, -3));
      const compiled = files.filter((path) => path.startsWith("dist/")).map((path) => path.slice(5));
      const expected = sources.flatMap((path) =>
        [".js", ".js.map", ".d.ts", ".d.ts.map"].map((suffix) => path + suffix),
      );
      assert.deepEqual(compiled.toSorted(), expected.toSorted(), "a stale dist? Remove it: rm -r packages/*/dist");
    });

    test("has the package.json that is promised", async () => {
      const { type, sideEffects, engines, exports, version } = manifest;
      assert.deepEqual(
        { type, sideEffects, engines },
        { type: "module", sideEffects: false, engines: { node: ">=22.12" } },
      );
      assert.doesNotMatch(await textOf(file, "package.json"), /workspace:|catalog:|\.\/src\//);
      const files = await filesOf(file);
      for (const target of Object.values(exports).flatMap((conditions) => Object.values(conditions))) {
        assert.ok(files.includes(target.slice(2)), `${target} is not in the tarball`);
      }
      for (const sibling of Object.entries(manifest.dependencies ?? {})) {
        if (sibling[0].startsWith("@serverless-secrets/")) assert.equal(sibling[1], version, "released in lock-step");
      }
    });

    test("has a README of this package, with every link absolute or of its own", async () => {
      const readme = await textOf(file, "README.md");
      assert.ok(readme.startsWith(`# ${name}\n`));
      assert.doesNotMatch(readme, /\]\(\.{0,2}\//, "npm shows it without the repository around it");
    });

    test("satisfies publint", async () => {
      const tarball = new Uint8Array(await readFile(file)).buffer;
      const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg, { color: false })),
        [],
      );
    });

    test("satisfies attw, for ESM", async () => {
      const args = [attw, file, "--profile", "esm-only"];
      const { code, stdout, stderr } = await run(process.execPath, args, { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
    });
  });
}
