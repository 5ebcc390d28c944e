import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { run } from "./command.ts";
import { checkout, packed } from "./folders.ts";

const { projects } = packed();

/** One error of the compiler: in which file, its line there, and the text of its first line. */
interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Compiles files of a project's `types` as a new user's compiler would, with the checkout's TypeScript. */
async function compile(folder: string, files: readonly string[], skipLibCheck = true): Promise<readonly Refusal[]> {
  const config = join(folder, "types", `${files[0]}.${skipLibCheck}.json`);
  const compilerOptions = {
    module: "nodenext",
    lib: ["es2024"],
    types: ["node"],
    strict: true,
    noEmit: true,
    skipLibCheck,
  };
  await writeFile(config, JSON.stringify({ compilerOptions: { ...compilerOptions, resolveJsonModule: true }, files }));
  const tsc = join(checkout, "node_modules/.bin/tsc");
  const { code, stdout, stderr } = await run(tsc, ["--project", config, "--pretty", "false"], { cwd: folder });
  const found = [...stdout.matchAll(/^(\S.*)\((\d+),\d+\): error TS\d+: (.*)$/gm)];
  assert.equal(code !== 0, found.length > 0, `not read: ${stdout}${stderr}`);
  return found.map(([, file, line, message]) => ({
    file: file as string,
    line: Number(line),
    message: message as string,
  }));
}

for (const { folder, manager, middy } of projects) {
  suite(`types, installed by ${manager}, with @middy/core ${middy}`, () => {
    test("everything is typed from the argument, in an ES module", async () => {
      assert.deepEqual(await compile(folder, ["accepted.mts"]), []);
    });

    test("and in a CommonJS module", async () => {
      // @middy/core 7 cannot be imported from CommonJS: its exports know `import` alone.
      const files = middy === 6 ? ["accepted.cts", "handler.cts"] : ["accepted.cts"];
      assert.deepEqual(await compile(folder, files), []);
    });

    test("a misspelt name does not compile, nor what else is refused", async () => {
      const lines = (await readFile(join(folder, "types/refused.mts"), "utf8")).split("\n");
      const refusals = await compile(folder, ["refused.mts"]);
      const expected = lines.flatMap((text, index) => {
        const message = / \/\/ refused: (.*)$/.exec(text)?.[1];
        return message === undefined ? [] : [{ line: index + 1, message }];
      });
      assert.ok(expected.length > 10);
      assert.deepEqual(
        refusals.map(({ line }) => line),
        expected.map(({ line }) => line),
      );
      for (const [index, { message }] of expected.entries()) {
        assert.ok(
          refusals[index]?.message.startsWith(message),
          `expected: ${message}; got: ${refusals[index]?.message}`,
        );
      }
    });

    test("the declarations are right in themselves: skipLibCheck off", async () => {
      const refusals = await compile(folder, ["accepted.mts"], false);
      // @middy/core 7 names an optional peer in its own declarations.
      const ours = refusals.filter(({ file }) => !/node_modules\/@middy\/core\//.test(file));
      assert.deepEqual(ours, []);
    });
  });
}
