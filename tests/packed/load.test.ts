import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { run, succeed } from "./command.ts";
import { entryPoints, packed, project } from "./folders.ts";

const { tarballs, nodes, projects } = packed();
const npm = project(projects, "npm", 7);
const specifiers = tarballs.flatMap(({ manifest }) => entryPoints(manifest));

/** What a function may import: these must not load what starts slowly. */
const forFunctions = /\/(core|aws-client|provider-[\w-]+|aws|middy)(\/custom)?$/;

/** What a child tells of a module that it loaded. */
interface Loaded {
  readonly names: readonly string[];
  /** The kinds of what was made beside modules: sockets, timers, processes, … */
  readonly opened: readonly string[];
  readonly undici: boolean;
}

// To load a module Node makes promises, reads files and, for a warning of its own, waits a tick; its streams it opens when
// they are first used.
const before = `
void process.stdout; void process.stderr;
const made = new Set();
process.getBuiltinModule("async_hooks").createHook({ init: (id, type) => made.add(type) }).enable();`;
const tell = `
const opened = [...made].filter((type) => !/^(PROMISE|FSREQ|FILEHANDLE|TickObject)/.test(type));
const undici = process.moduleLoadList.some((name) => name.endsWith("undici/undici"));
console.log(JSON.stringify({ names: Object.keys(loaded), opened, undici }));`;

const ways = {
  import: ["--input-type=module", "-e", `${before} const loaded = await import(process.argv[1]); ${tell}`],
  require: ["--input-type=commonjs", "-e", `${before} const loaded = require(process.argv[1]); ${tell}`],
} as const;

/**
 * Loads in a new process, whose folder is the project's.
 * @throws AssertionError where it says anything on stderr; but Node 22.12.0 says once that require() of an ES module is
 * experimental (later ones do not, and it is not ours to silence)
 */
async function load(binary: string, version: string, way: keyof typeof ways, specifier: string, cwd = npm.folder) {
  const { code, stdout, stderr } = await run(binary, [...ways[way], specifier], { cwd, timeoutMs: 10_000 });
  const expected =
    way === "require" && version === "22.12.0"
      ? /^(\(node:\d+\) ExperimentalWarning: CommonJS module .* is loading ES Module .* using require\(\)\.\n.*\n\(Use `node --trace-warnings .*\n)?$/
      : /^$/;
  assert.match(stderr, expected);
  assert.equal(code, 0);
  return JSON.parse(stdout) as Loaded;
}

for (const { version, binary } of nodes) {
  suite(`Node ${version} loads`, () => {
    for (const specifier of specifiers) {
      test(`${specifier}, by import and by require(), opening nothing`, async () => {
        const imported = await load(binary, version, "import", specifier);
        const required = await load(binary, version, "require", specifier);
        assert.ok(imported.names.length > 0);
        assert.deepEqual(required.names, imported.names);
        assert.deepEqual([imported.opened, required.opened], [[], []]);
        if (forFunctions.test(specifier)) assert.deepEqual([imported.undici, required.undici], [false, false]);
      });
    }
  });
}

const { version, binary } = nodes.at(-1) as (typeof nodes)[number];

suite(`Node ${version}, forbidden all but reading the project's folder, loads`, () => {
  for (const specifier of specifiers) {
    test(specifier, async () => {
      // Refused with ERR_ACCESS_DENIED: writing, reading elsewhere, processes, workers, addons.
      const jail = ["--permission", `--allow-fs-read=${npm.folder}`];
      const outcome = await run(binary, [...jail, ...ways.import, specifier], { cwd: npm.folder, timeoutMs: 10_000 });
      assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
    });
  }
});

suite("as pnpm lays it out, where only what a package declares is found, Node loads", () => {
  for (const specifier of specifiers) {
    test(specifier, async () => {
      const { folder } = project(projects, "pnpm", 7);
      assert.ok((await load(binary, version, "import", specifier, folder)).names.length > 0);
    });
  }
});

suite("used from the tarballs", () => {
  for (const each of projects) {
    for (const node of [nodes[0], nodes.at(-1)] as (typeof nodes)[number][]) {
      test(`a handler reads a fake secret: ${each.manager}, @middy/core ${each.middy}, Node ${node.version}`, async () => {
        const { stdout } = await succeed(node.binary, ["handle.mjs"], { cwd: each.folder });
        assert.equal(stdout, "a fake secret\n");
      });
    }
  }

  test("the conformance suite runs under node:test on the oldest Node", async () => {
    const file = "conformance.mjs";
    const { stdout } = await succeed((nodes[0] as (typeof nodes)[number]).binary, ["--test", file], {
      cwd: npm.folder,
    });
    assert.match(stdout, /# pass [1-9]\d*\n# fail 0\n/);
  });

  test("every command starts", async () => {
    for (const command of tarballs.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}))) {
      const { stdout } = await succeed(join(npm.folder, "node_modules/.bin", command), ["--help"], { cwd: npm.folder });
      assert.match(stdout, new RegExp(`\\b${command}\\b`));
    }
  });
});
