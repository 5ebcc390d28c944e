import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { channels } from "@serverless-secrets/core";
import { canary, everythingSaidOf } from "./canary.ts";
import { freeze, pass, settle, startMs, stopClock } from "./clock.ts";
import { denied, oneValue, script } from "./setting.ts";

const names = ["fetch", "refresh", "hit", "error"].map((name) => `serverless-secrets:${name}`);
let heard: [name: string, message: object][];
const listen = (message: unknown, name: string | symbol) =>
  void heard.push([String(name).slice(19), message as object]);

beforeEach(() => {
  stopClock();
  heard = [];
  for (const name of names) subscribe(name, listen);
});
afterEach(() => {
  for (const name of names) unsubscribe(name, listen);
  jest.useRealTimers();
});

describe("an observer hears", () => {
  test("of a fetch, with names and times", async () => {
    const { resolve, provider } = script();
    const value = resolve("s::a#/x");
    await settle();
    freeze(30);
    provider.last().answer('{"x":1}');
    await value;
    const message = { scheme: "s", references: ["s::a"], sentMs: startMs, tookMs: 30, codes: [] };
    expect(heard).toEqual([["fetch", message]]);
  });

  test("of a batch as one fetch, with what failed of it", async () => {
    const { resolveAll } = script({
      batchSize: 10,
      reply: ({ answer }) => answer(new Map([["a", "x"]])),
    });
    await resolveAll({ a: "s::a", b: "s::b" }).catch(() => {});
    expect(heard).toEqual([
      ["fetch", expect.objectContaining({ references: ["s::a", "s::b"], codes: ["ERR_SECRET_NOT_FOUND"] })],
      ["error", { code: "ERR_SECRET_NOT_FOUND", secretName: "b", reference: "s::b" }],
    ]);
  });

  test("of a refresh behind, and of values served from memory by their count", async () => {
    const { prepare } = oneValue();
    const prepared = prepare({ one: "memory::a", two: "memory::a" });
    await prepared.load();
    freeze(299_000);
    prepared.current();
    await pass(0);
    expect(heard.map(([name]) => name)).toEqual(["fetch", "hit", "refresh"]);
    expect(heard[1]).toEqual(["hit", { count: 2 }]);
  });

  test("of each secret that a caller did not get, also of a malformed reference", async () => {
    const { resolve, stored } = oneValue();
    stored.a = denied();
    await resolve("memory::a").catch(() => {});
    await resolve(canary).catch(() => {});
    expect(heard.filter(([name]) => name === "error")).toEqual([
      ["error", { code: "ERR_SECRET_ACCESS_DENIED", secretName: undefined, reference: "memory::a" }],
      ["error", { code: "ERR_SECRET_REFERENCE", secretName: undefined, reference: undefined }],
    ]);
  });

  test("never a value, nor what pins one", async () => {
    const { resolve } = script({ reply: ({ answer }) => answer(canary) });
    await resolve(`s::a::${canary}`);
    await resolve(`s::a::${canary}`);
    expect(heard.length).toBe(2);
    expect(everythingSaidOf(heard)).not.toContain(canary);
  });
});

test("without an observer no message is made", async () => {
  for (const name of names) unsubscribe(name, listen);
  const publish = Object.values(channels).map((channel) => jest.spyOn(channel, "publish"));
  const { resolve } = oneValue();
  await resolve("memory::a");
  await resolve("memory::a");
  for (const spy of publish) expect(spy).not.toHaveBeenCalled();
});
