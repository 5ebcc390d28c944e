// Every way to show an object that a logger, a framework or a curious developer may choose. Run by a jest test and, in
// node's own realm, by fixtures/show.ts: imports node alone.
import assert from "node:assert";
import { Console } from "node:console";
import { stringify } from "node:querystring";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { deserialize, serialize } from "node:v8";

/** What a Console writes. */
function written(write: (console: Console) => void): string {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  write(new Console({ stdout: stream, stderr: stream, inspectOptions: { depth: null } }));
  return text;
}

function enumerated(object: object): string {
  const found: unknown[] = [];
  for (const name in object) found.push(name, (object as Record<string, unknown>)[name]);
  return inspect(found, { depth: null });
}

const all: (readonly [string, (object: object) => unknown])[] = [];
const each = <T>(...choices: T[]): T[] => choices;
for (const showHidden of each(false, true))
  for (const getters of each<boolean | "get" | "set">(false, true, "get", "set"))
    for (const showProxy of each(false, true))
      for (const customInspect of each(false, true))
        for (const compact of each<boolean | number>(true, false, 3))
          for (const sorted of each(false, true)) {
            const options = { showHidden, getters, showProxy, customInspect, compact, sorted };
            all.push([
              `inspect with ${JSON.stringify(options)}`,
              (object) => inspect(object, { ...options, depth: Number.POSITIVE_INFINITY }),
            ]);
          }

/** The ways, by name; each gives what it shows as text. */
export const ways: readonly (readonly [name: string, show: (object: object) => unknown])[] = [
  ...all,
  ["inspect at depth 0", (object) => inspect(object, { depth: 0, showHidden: true, getters: true })],
  ["inspect at depth null, in colour", (object) => inspect(object, { depth: null, colors: true, showHidden: true })],
  ["console.log", (object) => written((console) => console.log(object))],
  ["console.dir", (object) => written((console) => console.dir(object, { showHidden: true, depth: null }))],
  ["console.table", (object) => written((console) => console.table([object]))],
  ["console.error in a text", (object) => written((console) => console.error("it is", object))],
  ["format %o", (object) => format("%o", object)],
  ["format %O", (object) => format("%O", object)],
  ["format %j", (object) => format("%j", object)],
  ["format %s", (object) => format("%s", object)],
  ["format %d", (object) => format("%d", object)],
  ["format without a place", (object) => format("it is", object)],
  ["JSON.stringify", (object) => JSON.stringify(object)],
  ["JSON.stringify, indented", (object) => JSON.stringify(object, null, 2)],
  ["JSON.stringify with a replacer", (object) => JSON.stringify(object, (_key, value) => value)],
  ["spread", (object) => inspect({ ...object }, { showHidden: true, depth: null })],
  ["rest", (object) => (({ ...rest }) => inspect(rest, { showHidden: true, depth: null }))(object)],
  ["Object.assign", (object) => inspect(Object.assign({}, object), { depth: null })],
  ["Object.entries", (object) => inspect(Object.entries(object), { depth: null })],
  ["Object.values", (object) => inspect(Object.values(object), { depth: null })],
  ["Object.keys", (object) => inspect(Object.keys(object), { depth: null })],
  ["Object.getOwnPropertyDescriptors", (object) => inspect(Object.getOwnPropertyDescriptors(object), { depth: null })],
  ["Reflect.ownKeys", (object) => inspect(Reflect.ownKeys(object))],
  ["for in", enumerated],
  ["structuredClone", (object) => inspect(structuredClone(object), { depth: null })],
  ["v8.serialize", (object) => serialize(object).toString("latin1")],
  ["v8.deserialize", (object) => inspect(deserialize(serialize(object)), { depth: null })],
  ["querystring", (object) => stringify(object as Record<string, string>)],
  ["URLSearchParams", (object) => new URLSearchParams(object as Record<string, string>).toString()],
  ["new Headers", (object) => inspect([...new Headers(object as Record<string, string>)])],
  [
    "a proxy around it",
    (object) => inspect(new Proxy(object, {}), { showProxy: true, showHidden: true, getters: true }),
  ],
  ["an error's cause", (object) => inspect(new Error("x", { cause: object }), { showHidden: true, getters: true })],
  [
    "an error's field",
    (object) => inspect(Object.assign(new Error("x"), { object }), { showHidden: true, depth: null }),
  ],
  [
    "in a Map, a Set, an array",
    (object) => inspect([new Map([[object, object]]), new Set([object])], { depth: null, showHidden: true }),
  ],
  ["a failed assertion", (object) => message(() => assert.deepStrictEqual(object, { other: 1 }))],
  ["a failed assertion, reversed", (object) => message(() => assert.deepEqual([1], object))],
];

function message(run: () => void): string {
  try {
    run();
  } catch (error) {
    return inspect(error, { depth: null, showHidden: true });
  }
  return "";
}

/** The names of the ways that show one of the texts, and of those that throw. */
export function shown(
  object: object,
  texts: readonly string[],
): { readonly leaks: string[]; readonly throws: string[] } {
  const leaks: string[] = [];
  const throws: string[] = [];
  for (const [name, show] of ways) {
    try {
      const output = String(show(object));
      if (texts.some((text) => output.includes(text))) leaks.push(name);
    } catch {
      throws.push(name);
    }
  }
  return { leaks, throws };
}
