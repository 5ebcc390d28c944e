import { describe, expect, test } from "@jest/globals";
import { parseReference, readOptions } from "@serverless-secrets/core";
import { canary, thrown } from "./canary.ts";

const optionsOf = (text: string) => readOptions(parseReference(text), ["table", "context.*"]);

describe("the options of a reference", () => {
  test("region and name are known to all schemes", () => {
    expect(readOptions(parseReference("s::a?region=eu-west-1&name=db"))).toMatchObject({
      region: "eu-west-1",
      name: "db",
    });
  });

  test("what was not given is undefined, and a family that was not given is empty", () => {
    const { region, name, table, context } = optionsOf("s::a");
    expect([region, name, table, context]).toEqual([undefined, undefined, undefined, new Map()]);
  });

  test("a family is read by what follows its first dot", () => {
    const { context, table } = optionsOf("s::a?context.a=1&context.b.c=2&table=t&context.__proto__=3");
    expect([...context]).toEqual([
      ["a", "1"],
      ["b.c", "2"],
      ["__proto__", "3"],
    ]);
    expect(table).toBe("t");
  });

  test.each([
    `s::a?tabel=${canary}`,
    `s::a?${canary}=x`,
    `s::a?Region=${canary}`,
    `s::a?context=${canary}`,
    `s::a?context.=${canary}`,
    `s::a?region.x=${canary}`,
    `s::a?toString=${canary}`,
    `s::a?__proto__=${canary}`,
    `s::a?__proto__.x=${canary}`,
  ])("%s has an option that is not known: refused with a list of the known ones, unquoted", (text) => {
    const error = thrown(() => optionsOf(text));
    expect(error.code).toBe("ERR_SECRET_REFERENCE");
    expect(error.detail).toBe(
      "the reference has an option that s does not know. Known options: region, name, table, context.NAME.",
    );
  });
});
