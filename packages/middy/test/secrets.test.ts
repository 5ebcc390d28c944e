import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import middy7 from "@middy/core";
import { createResolver, json, type Resolver, SecretError, text } from "@serverless-secrets/core";
import { type MemoryProvider, memory, withFakeSecrets } from "@serverless-secrets/core/testing";
import middy6 from "middy6";
import { secrets } from "../src/custom.ts";
import { secrets as awsSecrets } from "../src/index.ts";

let provider: MemoryProvider;
let resolver: Resolver;
let values: Record<string, string | Error>;

beforeEach(() => {
  values = { db: "correct horse", token: "battery staple", doc: '{"password":"member"}' };
  provider = memory(values, { batchSize: 10 });
  resolver = createResolver({ providers: [provider] });
});
afterEach(() => {
  delete process.env.AWS_LAMBDA_RUNTIME_API;
  delete process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
  jest.useRealTimers();
});

const context = (rest: object = {}) => rest as never;
const failureOf = (promise: Promise<unknown>): Promise<SecretError> =>
  promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: SecretError) => error,
  );

describe.each([
  ["6", middy6 as unknown as typeof middy7],
  ["7", middy7],
])("with @middy/core %s", (_, middy) => {
  test("the handler finds its secrets on the context", async () => {
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db", password: "memory::doc#/password" }))
      .handler(async (_event, { secrets: { db, password } }) => `${db}, ${password}`);
    expect(await handler({}, context())).toBe("correct horse, member");
  });

  test("a thousand invocations ask the store once", async () => {
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db", token: "memory::token" }))
      .handler(async (_event, { secrets }) => secrets.token);
    for (let i = 0; i < 1_000; i += 1) expect(await handler({}, context())).toBe("battery staple");
    expect(provider.calls).toEqual([["db", "token"]]);
  });

  test("a secret that cannot be had fails the invocation before the handler runs, and the next one asks again", async () => {
    const ran: unknown[] = [];
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db", gone: "memory::gone" }))
      .handler(async (_event, { secrets }) => ran.push(secrets.gone));
    const error = await failureOf(handler({}, context()));
    expect(error.message).toContain('ERR_SECRET_NOT_FOUND: "gone" (memory::gone)');
    expect(ran).toEqual([]);
    values.gone = "here again";
    await handler({}, context());
    expect(ran).toEqual(["here again"]);
  });

  test("printing the context shows no secret", async () => {
    const seen: unknown[] = [];
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db" }))
      .handler(async (_event, given) => seen.push(given));
    await handler({}, context());
    const printed = inspect(seen, { depth: null, showHidden: true, getters: true }) + JSON.stringify(seen);
    expect(printed).not.toContain("correct horse");
    expect(JSON.stringify(process.env)).not.toContain("correct horse");
  });

  test("two of them on one context merge", async () => {
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db" }))
      .use(secrets(resolver, { token: "memory::token", db: text("memory::db") }))
      .handler(async (_event, { secrets: { db, token } }) => `${db}, ${token}`);
    const one = context();
    expect(await handler({}, one)).toBe("correct horse, battery staple");
    expect(await handler({}, one)).toBe("correct horse, battery staple");
    expect(await handler({}, context())).toBe("correct horse, battery staple");
  });

  test.each([
    ["another reference", "memory::token"],
    ["another reading", json<string>("memory::db")],
  ])("but one name for %s is refused", async (_difference, other) => {
    values.db = '"json too"';
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db" }))
      .use(secrets(resolver, { db: other }))
      .handler(async () => "unreachable");
    const error = await failureOf(handler({}, context()));
    expect(error).toMatchObject({ code: "ERR_SECRET_PROVIDER", message: expect.stringContaining('name "db". Rename') });
  });

  test("what somebody else put on the context is not overwritten", async () => {
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db" }))
      .handler(async () => "unreachable");
    const error = await failureOf(handler({}, context({ secrets: { mine: 1 } })));
    expect(error).toMatchObject({ code: "ERR_SECRET_PROVIDER", message: expect.stringContaining("contextKey") });
  });

  test("they may stand under another key", async () => {
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db" }, { contextKey: "vault" }))
      .handler(async (_event, { vault }) => vault.db);
    expect(await handler({}, context())).toBe("correct horse");
  });

  test("a handler is tested with fakes, and nothing is fetched", async () => {
    const handler = middy()
      .use(secrets(resolver, { db: "memory::db" }))
      .handler(async (_event, { secrets }) => secrets.db);
    const faked = await withFakeSecrets({ "memory::db": "fake" }, () => handler({}, context()));
    expect(faked).toBe("fake");
    expect(provider.calls).toEqual([]);
    expect(await handler({}, context())).toBe("correct horse");
  });
});

describe("warm", () => {
  test("`before` returns nothing to wait for", async () => {
    const { before } = secrets(resolver, { db: "memory::db" });
    const request = () => ({ event: {}, context: {}, response: undefined, error: undefined, internal: {} }) as never;
    await before(request());
    expect(before(request())).toBeUndefined();
  });
});

describe("at module scope", () => {
  test("what can be known at once is told at once, for all secrets", () => {
    const make = () => secrets(resolver, { db: "hunter2", token: "nosuch::x", user: "memory::user?name=other" });
    expect(make).toThrow(/"db": the reference is malformed.*"token": no provider.*"user": the reference is bound/s);
    expect(make).not.toThrow(/hunter2|nosuch/);
  });

  test("outside of Lambda nothing is fetched", async () => {
    secrets(resolver, { db: "memory::db" });
    await new Promise(setImmediate);
    expect(provider.calls).toEqual([]);
  });

  test("in Lambda they are fetched while the function initialises", async () => {
    process.env.AWS_LAMBDA_RUNTIME_API = "127.0.0.1:9001";
    const { before } = secrets(resolver, { db: "memory::db" });
    await new Promise(setImmediate);
    expect(provider.calls).toEqual([["db"]]);
    expect(before({ context: {} } as never)).toBeUndefined();
  });

  test("for SnapStart they are not: a snapshot would hold them", async () => {
    Object.assign(process.env, {
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
      AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start",
    });
    secrets(resolver, { db: "memory::db" });
    await new Promise(setImmediate);
    expect(provider.calls).toEqual([]);
  });

  test("a prefetch that fails is no error; the invocation asks again", async () => {
    values.db = new SecretError("ERR_SECRET_UNAVAILABLE", "out of reach.");
    const { before } = secrets(resolver, { db: "memory::db" }, { prefetch: true });
    await new Promise(setImmediate);
    values.db = "correct horse";
    const one = { secrets: undefined as { db: string } | undefined };
    await before({ context: one } as never);
    expect(one.secrets?.db).toBe("correct horse");
  });
});

describe("the function's time", () => {
  test("an error comes 200 ms before it is over, while the fetch goes on for others", async () => {
    jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick", "setImmediate"] });
    const never = { ...provider, fetch: () => new Promise<never>(() => {}) };
    const { before } = secrets(createResolver({ providers: [never] }), { db: "memory::db" });
    const failed = failureOf(before({ context: { getRemainingTimeInMillis: () => 3_000 } } as never) as Promise<void>);
    await jest.advanceTimersByTimeAsync(2_799);
    expect(await Promise.race([failed, "waiting"])).toBe("waiting");
    await jest.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      secretName: "db",
      message: expect.stringMatching(/raise the function's timeout/),
    });
  });
});

describe("across a rotation", () => {
  test("a handler that is not wrapped fails once, and the next invocation has the fresh secret", async () => {
    const refused = new Error("password authentication failed");
    const handler = middy7()
      .use(secrets(resolver, { db: "memory::db" }, { isAuthenticationError: (error) => error === refused }))
      .handler(async (_event, { secrets }) => {
        if (secrets.db === "correct horse") throw refused;
        return secrets.db;
      });
    await handler({}, context()).catch(() => {});
    values.db = "rotated";
    const later = jest.spyOn(Date, "now").mockReturnValue(Date.now() + 6_000);
    await expect(handler({}, context())).rejects.toBe(refused);
    later.mockRestore();
    expect(await handler({}, context())).toBe("rotated");
  });

  test("a handler runs again with the fresh secret on its context", async () => {
    const refused = new Error("password authentication failed");
    const db = secrets(resolver, { db: "memory::db" }, { isAuthenticationError: (error) => error === refused });
    const handler = middy7<{ readonly id: number }>()
      .use(db)
      .handler(
        db.rotating(async (event: { readonly id: number }, { secrets }) => {
          if (secrets.db === "correct horse") {
            values.db = "rotated";
            throw refused;
          }
          return `${event.id} ${secrets.db}`;
        }),
      );
    expect(await handler({ id: 7 }, context())).toBe("7 rotated");
    expect(provider.calls).toEqual([["db"], ["db"]]);
  });
});

describe("with AWS", () => {
  test("the references of this package's `secrets` are those of AWS", () => {
    expect(() => awsSecrets({ db: "memory::db" })).toThrow(
      /Known schemes: kms, kmsfile, secretsmanager, ssm, credstash\./,
    );
  });
});
