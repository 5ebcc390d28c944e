import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createResolver } from "@serverless-secrets/core";
import { canary } from "./canary.ts";
import { pass, settle, startMs, stopClock } from "./clock.ts";
import { type Asked, references, type Script, scripted, values } from "./scripted.ts";
import { denied, foreign, notFound, script, unavailable } from "./setting.ts";

beforeEach(stopClock);
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("calls are as few as the provider allows", () => {
  const reply = ({ ids, together, answer }: Asked) => answer(together ? values(ids) : `value of ${ids[0]}`);

  test.each<[count: number, sizes: number[]]>([
    [1, [1]],
    [2, [2]],
    [10, [10]],
    [11, [10, 1]],
    [20, [10, 10]],
    [21, [10, 10, 1]],
  ])("%d separate resolve in one tick go out as %j", async (count, sizes) => {
    const { resolve, provider } = script({ batchSize: 10, reply });
    const all = await Promise.all(references(count).map((reference) => resolve(reference)));
    expect(all).toEqual(references(count).map((reference) => `value of ${reference.slice(3)}`));
    expect(provider.ids().map((ids) => ids.length)).toEqual(sizes);
    expect(provider.asked.map(({ together }) => together)).toEqual(sizes.map((size) => size > 1));
  });

  test("20 in one resolveAll are one call of 20", async () => {
    const { resolveAll, provider } = script({ batchSize: 20, reply });
    const secrets = await resolveAll(
      Object.fromEntries(references(20).map((reference) => [`n${reference}`, reference])),
    );
    expect([secrets["ns::0"], secrets["ns::19"], provider.asked.length]).toEqual(["value of 0", "value of 19", 1]);
  });

  test("without batches each is a call of its own, all at once", async () => {
    const { resolve, provider } = script();
    for (const reference of references(20)) void resolve(reference);
    await settle();
    expect(provider.ids()).toEqual(references(20).map((reference) => [reference.slice(3)]));
  });

  test("only targets of one batch key share a call; one without a key goes alone", async () => {
    const { resolve, provider } = script({ batchSize: 10, reply });
    const all = ["s::1?region=x", "s::2?region=y", "s::3?region=x", "s::loner", "s::4?region=y"];
    await Promise.all(all.map((reference) => resolve(reference)));
    expect(provider.ids()).toEqual([["1", "3"], ["2", "4"], ["loner"]]);
  });

  test("what is cached is not asked for again along with the rest", async () => {
    const { resolve, provider } = script({ batchSize: 10, reply });
    await resolve("s::0");
    await Promise.all(references(3).map((reference) => resolve(reference)));
    expect(provider.ids()).toEqual([["0"], ["1", "2"]]);
  });

  test("resolvers of different timeoutMs do not share a call, as their deadlines differ", async () => {
    const provider = scripted({ batchSize: 10, reply });
    const [slow, fast] = [10_000, 1_000].map((timeoutMs) => createResolver({ providers: [provider], timeoutMs }));
    await Promise.all([slow?.resolve("s::1"), fast?.resolve("s::2"), slow?.resolve("s::3")]);
    expect(provider.asked.map(({ ids, call }) => [ids, call.deadlineMs - startMs])).toEqual([
      [["1", "3"], 10_000],
      [["2"], 1_000],
    ]);
  });

  test("refreshes behind go out together; with a caller who waits among them it is no call in the background", async () => {
    const { resolve, provider } = script({ batchSize: 10, reply });
    const three = ["s::0", "s::1", "s::2"];
    await Promise.all(three.map((reference) => resolve(reference)));
    await pass(299_000);
    await Promise.all(three.slice(0, 2).map((reference) => resolve(reference)));
    await settle();
    await pass(299_000);
    await Promise.all(["s::new", "s::0"].map((reference) => resolve(reference)));
    expect(provider.asked.map(({ ids, call }) => [ids, call.background])).toEqual([
      [["0", "1", "2"], false],
      [["0", "1"], true],
      [["new", "0"], false],
    ]);
  });

  test("one asked for, forgotten and asked for again in one tick is asked for no other way than it may be", async () => {
    const { resolve, forget, provider } = script({ batchSize: 10, reply });
    for (const reference of ["s::loner", "s::a"]) {
      const before = resolve(reference);
      forget(reference);
      expect(await Promise.all([before, resolve(reference)])).toEqual(Array(2).fill(`value of ${reference.slice(3)}`));
    }
    for (const { ids, together } of provider.asked) {
      expect(new Set(ids).size).toBe(ids.length);
      if (ids.includes("loner")) expect(together).toBe(false);
    }
  });
});

describe("a batch", () => {
  const three = ["s::0", "s::1", "s::2"] as const;
  const resolveThree = async (given: Script) => {
    const scripting = script({ batchSize: 10, ...given });
    const all = Promise.allSettled(three.map((reference) => scripting.resolve(reference)));
    await settle();
    const outcomes = async () => (await all).map((one) => (one.status === "fulfilled" ? one.value : one.reason.code));
    return { ...scripting, outcomes };
  };

  test("that leaves one out: that one was not found, its neighbours are served", async () => {
    const { provider, outcomes } = await resolveThree({});
    provider.last().answer(values(["0", "2"]));
    expect(await outcomes()).toEqual(["value of 0", "ERR_SECRET_NOT_FOUND", "value of 2"]);
    expect(provider.asked.length).toBe(1);
  });

  test("with an error for one: that one failed so, its neighbours are served", async () => {
    const { provider, outcomes } = await resolveThree({});
    provider.last().answer(new Map<string, unknown>([...values(["0", "2"]), ["1", denied()]]));
    expect(await outcomes()).toEqual(["value of 0", "ERR_SECRET_ACCESS_DENIED", "value of 2"]);
  });

  test("may hold empty texts", async () => {
    const { provider, outcomes } = await resolveThree({});
    provider.last().answer(new Map(["0", "1", "2"].map((id) => [id, ""])));
    expect(await outcomes()).toEqual(["", "", ""]);
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["a number", 7],
    ["a foreign error", foreign()],
    ["null", null],
  ])("with %s for one: the provider broke its contract for that one", async (_what, value) => {
    const { provider, outcomes } = await resolveThree({});
    provider.last().answer(new Map<string, unknown>([...values(["0", "2"]), ["1", value]]));
    expect(await outcomes()).toEqual(["value of 0", "ERR_SECRET_PROVIDER", "value of 2"]);
  });

  test.each<[string, unknown]>([
    ["a denial", denied()],
    ["a foreign error", foreign()],
    ["not found", notFound()],
  ])("refused whole, with %s: each is asked for alone, and only what fails alone failed", async (_why, why) => {
    const { provider, outcomes } = await resolveThree({});
    provider.last().refuse(why);
    await settle();
    expect(provider.ids().slice(1)).toEqual([["0"], ["1"], ["2"]]);
    provider.asked[1]?.answer("zero");
    provider.asked[2]?.refuse(notFound());
    provider.asked[3]?.answer("two");
    expect(await outcomes()).toEqual(["zero", "ERR_SECRET_NOT_FOUND", "two"]);
  });

  test.each([undefined, null, 7, [], new Error(canary)])(
    "answered by %p is as good as refused whole",
    async (answer) => {
      const { provider, outcomes } = await resolveThree({});
      provider.last().answer(answer);
      await settle();
      for (const asked of provider.asked.slice(1)) asked.answer("alone");
      expect(await outcomes()).toEqual(["alone", "alone", "alone"]);
    },
  );

  test("refused whole evicts no neighbour that is cached", async () => {
    const { provider, outcomes, resolve } = await resolveThree({});
    provider.last().answer(values(["0", "1", "2"]));
    await outcomes();
    await pass(299_000);
    const refreshed = three.map((reference) => resolve(reference));
    await settle();
    provider.last().refuse(denied());
    await settle();
    const singles = provider.asked.slice(2);
    expect(singles.map(({ ids, call }) => [ids, call.background])).toEqual([
      [["0"], true],
      [["1"], true],
      [["2"], true],
    ]);
    singles[0]?.refuse(denied());
    await settle();
    expect(await Promise.all(refreshed)).toEqual(["value of 0", "value of 1", "value of 2"]);
    expect(await Promise.all([resolve("s::1"), resolve("s::2")])).toEqual(["value of 1", "value of 2"]);
  });

  test("refused whole is asked for singly at most 8 at once, within the first deadline", async () => {
    const { resolve, provider } = script({ batchSize: 30 });
    const all = Promise.all(references(30).map((reference) => resolve(reference)));
    await settle();
    await pass(4_000);
    provider.last().refuse(denied());
    await settle();
    const singles = () => provider.asked.slice(1);
    const answered = new Set<unknown>();
    let most = 0;
    while (singles().length > answered.size) {
      most = Math.max(most, singles().length - answered.size);
      const [next] = singles().filter((one) => !answered.has(one));
      next?.answer(`value of ${next.ids[0]}`);
      answered.add(next);
      await settle();
    }
    expect(most).toBe(8);
    expect(await all).toEqual(references(30).map((reference) => `value of ${reference.slice(3)}`));
    expect(new Set(singles().map(({ call }) => call.deadlineMs))).toEqual(new Set([startMs + 10_000]));
  });

  test("refused whole rests the provider's batching for 60 s", async () => {
    const { provider, resolve } = await resolveThree({});
    provider.last().refuse(denied());
    await settle();
    const shapesOf = async (names: readonly string[]) => {
      const asked = provider.asked.length;
      for (const name of names) void resolve(`s::${name}`);
      await settle();
      return provider.asked.slice(asked).map(({ together, ids }) => `${together ? "together" : "alone"} ${ids}`);
    };
    await pass(59_999);
    expect(await shapesOf(["3", "4"])).toEqual(["alone 3", "alone 4"]);
    await pass(1);
    expect(await shapesOf(["5", "6"])).toEqual(["together 5,6"]);
  });

  test.each([undefined, false])(
    "that is UNAVAILABLE is not asked for singly (aloneIfUnavailable: %p)",
    async (alone) => {
      const { provider, outcomes, resolve } = await resolveThree(
        alone === undefined ? {} : { aloneIfUnavailable: alone },
      );
      provider.last().refuse(unavailable());
      expect(await outcomes()).toEqual(Array(3).fill("ERR_SECRET_UNAVAILABLE"));
      expect(provider.asked.length).toBe(1);
      for (const reference of three) resolve(reference).catch(() => {});
      await settle();
      expect(provider.last().together).toBe(true);
    },
  );

  test("that is UNAVAILABLE is asked for singly where single fetches have a quota of their own", async () => {
    const { provider, outcomes } = await resolveThree({ aloneIfUnavailable: true });
    provider.last().refuse(unavailable());
    await settle();
    for (const asked of provider.asked.slice(1)) asked.answer(`alone ${asked.ids}`);
    expect(await outcomes()).toEqual(["alone 0", "alone 1", "alone 2"]);
  });

  test("that never answers is not asked for singly once the deadline has passed", async () => {
    const { provider, outcomes } = await resolveThree({ aloneIfUnavailable: true });
    await pass(10_000);
    expect(await outcomes()).toEqual(Array(3).fill("ERR_SECRET_UNAVAILABLE"));
    expect(provider.asked.length).toBe(1);
  });

  test("refused whole asks for no further one singly once the deadline has passed", async () => {
    const { resolve, provider } = script({ batchSize: 20 });
    const all = Promise.allSettled(references(20).map((reference) => resolve(reference)));
    await settle();
    provider.last().refuse(denied());
    await settle();
    await pass(10_000);
    const codes = (await all).map((one) => (one as PromiseRejectedResult).reason.code);
    expect(codes).toEqual(Array(20).fill("ERR_SECRET_UNAVAILABLE"));
    expect(provider.asked.length).toBe(1 + 8);
  });
});
