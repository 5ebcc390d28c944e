import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { bytes, createResolver, json, pick, text } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { z } from "zod";
import { refusal, thrown } from "./canary.ts";

describe("text, bytes and json are plain data", () => {
  const schema = z.string();
  test.each([
    [text("m::a"), { reference: "m::a", as: "text" }],
    [text("m::a", { name: "db" }), { reference: "m::a", as: "text", name: "db" }],
    [bytes("m::a", { name: "db" }), { reference: "m::a", as: "bytes", name: "db" }],
    [json("m::a"), { reference: "m::a", as: "json" }],
    [json("m::a", schema, { name: "db" }), { reference: "m::a", as: "json", schema, name: "db" }],
  ])("%j", (secret, data) => {
    expect(secret).toEqual(data);
  });
});

describe("a manifest", () => {
  const provider = memory({ db: "the database's", token: "the token" });
  const { resolveAll, prepare } = createResolver({ providers: [provider] });
  const manifest = readFile(new URL("./fixtures/manifest.json", import.meta.url), "utf8").then(JSON.parse);

  test("may name its $schema, which is no secret", async () => {
    const secrets = await resolveAll(await manifest);
    expect([secrets["db"], secrets["token"], "$schema" in secrets]).toEqual(["the database's", "the token", false]);
    expect("$schema" in (await prepare(await manifest).load())).toBe(false);
  });

  test("is picked from: a function asks for its own secrets and no others", async () => {
    const own = pick({ db: "memory::db", token: "memory::token", other: "memory::other" }, "token", "db");
    expect(own).toEqual({ token: "memory::token", db: "memory::db" });
  });

  test.each(["absent", "constructor"])("that lacks what is picked (%s) is told so at once", async (name) => {
    const all = (await manifest) as { [name: string]: string };
    const error = thrown(() => pick(all, name));
    expect(error.message).toContain(`there is no "${name}" among these secrets. There are: `);
  });
});

describe("a reference bound to a name by ?name=", () => {
  const { resolve, resolveAll, prepare } = createResolver({ providers: [memory({ a: "x" })] });
  const bound = "memory::a?name=db";

  test("is read under that name", async () => {
    expect((await resolveAll({ db: bound })).db).toBe("x");
    expect(prepare({ db: bound })).toBeDefined();
  });

  test("is refused under another: two lines of a manifest were swapped", async () => {
    const error = await refusal(resolveAll({ token: bound }));
    expect([error.code, error.secretName]).toEqual(["ERR_SECRET_INTEGRITY", "token"]);
    expect(thrown(() => prepare({ token: bound })).code).toBe("ERR_SECRET_INTEGRITY");
  });

  test("is read under another when told so by text(ref, { name })", async () => {
    expect((await resolveAll({ token: text(bound, { name: "db" }) })).token).toBe("x");
  });

  test("is refused when told another name, also by a bare resolve", async () => {
    expect((await refusal(resolve(text(bound, { name: "token" })))).code).toBe("ERR_SECRET_INTEGRITY");
    expect((await refusal(resolveAll({ db: bytes(bound, { name: "token" }) }))).code).toBe("ERR_SECRET_INTEGRITY");
  });

  test("is not compared by a bare resolve, which knows no name", async () => {
    expect(await resolve(bound)).toBe("x");
  });
});
