// Tests of types: `tsc -p packages/core/test` is what runs them.
import {
  bytes,
  createResolver,
  json,
  type Prepared,
  type Provider,
  parseReference,
  pick,
  type Resolved,
  readOptions,
  reveal,
  type StandardSchema,
  text,
} from "@serverless-secrets/core";
import { memory, withFakeSecrets } from "@serverless-secrets/core/testing";
import { type } from "arktype";
import { expectTypeOf } from "expect-type";
import * as v from "valibot";
import { z } from "zod";
import manifest from "./fixtures/manifest.json" with { type: "json" };

const { resolve, resolveAll, prepare, forget } = createResolver({ providers: [memory({})] });
const zodSchema = z.object({ user: z.string(), port: z.number().default(1) });
const valibotSchema = v.object({ user: v.string(), port: v.pipe(v.string(), v.transform(Number)) });
const arkSchema = type({ user: "string", port: "number" });
interface Db {
  user: string;
  port: number;
}

/** What one secret resolves to. */
export async function aSecret(): Promise<void> {
  expectTypeOf(await resolve("memory::a")).toEqualTypeOf<string>();
  expectTypeOf(await resolve(text("memory::a"))).toEqualTypeOf<string>();
  expectTypeOf(await resolve(bytes("memory::a"))).toEqualTypeOf<Uint8Array>();
  expectTypeOf(await resolve(json("memory::a"))).toEqualTypeOf<unknown>();
  expectTypeOf(await resolve(json<Db>("memory::a"))).toEqualTypeOf<Db>();
  expectTypeOf(await resolve(json("memory::a", zodSchema))).toEqualTypeOf<Db>();
  expectTypeOf(await resolve(json("memory::a", valibotSchema))).toEqualTypeOf<Db>();
  expectTypeOf(await resolve(json("memory::a", arkSchema))).toEqualTypeOf<Db>();
  expectTypeOf(await resolve("memory::a" as string, { deadlineMs: 1 })).toEqualTypeOf<string>();
  // @ts-expect-error a secret is a reference or made by text, bytes or json
  await resolve(7);
  // @ts-expect-error the schema's output is not what was said
  json<{ other: string }>("memory::a", zodSchema);
  // @ts-expect-error an option that does not exist
  text("memory::a", { nmae: "db" });
}

/** What an object literal resolves to, without annotations. */
export async function aLiteral(): Promise<void> {
  const secrets = await resolveAll({ db: "memory::a", cfg: json("memory::b", zodSchema), key: bytes("memory::c") });
  expectTypeOf(secrets).toEqualTypeOf<{ readonly db: string; readonly cfg: Db; readonly key: Uint8Array }>();
  const { db, cfg } = secrets;
  expectTypeOf(db).toBeString();
  expectTypeOf(cfg.port).toBeNumber();
  // @ts-expect-error a misspelt name
  secrets.bd;
  // @ts-expect-error a misspelt name, destructured
  const { tokne } = secrets;
  // @ts-expect-error they are read only
  secrets.db = tokne;
  // @ts-expect-error nothing but references and secrets
  await resolveAll({ port: 7 });
}

/** What an imported manifest resolves to. */
export async function aManifest(): Promise<void> {
  const secrets = await resolveAll(manifest);
  expectTypeOf(secrets).toEqualTypeOf<{ readonly db: string; readonly token: string }>();
  // @ts-expect-error $schema is no secret
  secrets.$schema;
  // @ts-expect-error a misspelt name
  secrets.tokn;
  const own = await resolveAll(pick(manifest, "token"));
  expectTypeOf(own).toEqualTypeOf<{ readonly token: string }>();
  // @ts-expect-error it was not picked
  own.db;
  // @ts-expect-error a misspelt name
  pick(manifest, "tokn");
  // @ts-expect-error $schema is no secret
  pick(manifest, "$schema");
  const extended = await resolveAll({ ...pick(manifest, "db"), cfg: json("memory::b", arkSchema) });
  expectTypeOf(extended).toEqualTypeOf<{ readonly db: string; readonly cfg: Db }>();
  const anyNames = await resolveAll({} as { [name: string]: string });
  expectTypeOf(anyNames["db"]).toEqualTypeOf<string | undefined>();
}

/** What is prepared, revealed, forgotten, faked. */
export async function theRest(): Promise<void> {
  const set = { db: "memory::a", cfg: json("memory::b", valibotSchema) } as const;
  const prepared = prepare(set);
  expectTypeOf(prepared).toEqualTypeOf<Prepared<typeof set>>();
  expectTypeOf(prepared.current()).toEqualTypeOf<Resolved<typeof set> | undefined>();
  expectTypeOf(await prepared.load()).toEqualTypeOf<{ readonly db: string; readonly cfg: Db }>();
  const plain = reveal(await prepared.load({ deadlineMs: 1 }));
  expectTypeOf(plain).toEqualTypeOf<{ db: string; cfg: Db }>();
  plain.db = "they are one's own";
  expectTypeOf(forget(text("memory::a"), 1)).toBeVoid();
  expectTypeOf(await withFakeSecrets({ "memory::a": "x" }, async () => 7)).toBeNumber();
  expectTypeOf(await withFakeSecrets({ "memory::a": { b: 1 } }, () => "s")).toBeString();
  // @ts-expect-error a fake is a text, bytes or an object
  await withFakeSecrets({ "memory::a": 7 }, () => "s");
}

/** What providers' authors write against. */
export function aProvider(): void {
  const options = readOptions(parseReference("s::a"), ["table", "context.*"]);
  expectTypeOf(options.table).toEqualTypeOf<string | undefined>();
  expectTypeOf(options.region).toEqualTypeOf<string | undefined>();
  expectTypeOf(options.context).toEqualTypeOf<ReadonlyMap<string, string>>();
  // @ts-expect-error an option that was not said to be known
  options.tabel;
  expectTypeOf(zodSchema).toExtend<StandardSchema<Db>>();
  expectTypeOf(memory({})).toExtend<Provider>();
  // @ts-expect-error parse does not wait for anything
  memory({}).parse = async () => ({ id: "a", pinned: false });
}
