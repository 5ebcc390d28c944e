import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createResolver, type Resolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { memory, withFakeSecrets } from "@serverless-secrets/core/testing";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import type { Context } from "aws-lambda";
import { expectTypeOf } from "expect-type";
import { forget, json, rotating, withSecrets } from "../src/index.ts";
import { perInvocation } from "../src/invocation.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());
const reference = await seal(kmsSealer(), `kms::${aws.createKey().arn}?name=db`, "correct horse");
beforeEach(() => aws.clearLog());

const context = (rest: Partial<Context> = {}) => rest as Context;

describe("a handler without Middy", () => {
  test("finds its secrets on the context, typed, and asks KMS once", async () => {
    const handler = withSecrets({ db: reference }, async (event: { readonly id: number }, { secrets }) => {
      expectTypeOf(secrets.db).toEqualTypeOf<string>();
      // @ts-expect-error: misspelt
      secrets.bd;
      return `${event.id} ${secrets.db}`;
    });
    for (let id = 0; id < 100; id += 1) expect(await handler({ id }, context())).toBe(`${id} correct horse`);
    expect(aws.calls.length).toBe(1);
  });

  test("fails before it runs where a secret cannot be had, in time for its error to be told", async () => {
    const ended = aws.fail({ kind: "hang" });
    forget(reference);
    const handler = withSecrets({ db: reference }, () => "it ran");
    const startMs = Date.now();
    const failed = handler({}, context({ getRemainingTimeInMillis: () => 500 }));
    await expect(failed).rejects.toMatchObject({ message: expect.stringMatching(/"db".*raise|"db".*[Cc]heck/) });
    expect(Date.now() - startMs).toBeLessThan(500);
    ended();
  });

  test("is told what AWS said, also where its own time is over first", async () => {
    const ended = aws.fail({ kind: "throttle" });
    forget(reference);
    const handler = withSecrets({ db: reference }, () => "it ran");
    const failed = handler({}, context({ getRemainingTimeInMillis: () => 700 }));
    await expect(failed).rejects.toMatchObject({
      message: expect.stringMatching(/"db".* within the .* ms .*the last attempt: .*ThrottlingException/),
    });
    ended();
  });

  test("may be told of what is wrong with its references at once", () => {
    expect(() => withSecrets({ db: "hunter2" }, () => "")).toThrow(/"db": the reference is malformed/);
  });

  test("is tested with fakes", async () => {
    const handler = withSecrets(
      { cfg: json<{ port: number }>(reference, undefined, { name: "db" }) },
      (_event, given) => {
        return given.secrets.cfg.port;
      },
    );
    expect(await withFakeSecrets({ [reference]: { port: 1 } }, () => handler({}, context()))).toBe(1);
  });
});

describe("across a rotation", () => {
  const refused = Object.assign(new Error("refused"), { code: "28P01" });
  const isAuthenticationError = (error: unknown) => error === refused;
  const setting = (): { resolver: Resolver; stored: { db: string } } => {
    const stored = { db: "first" };
    return { stored, resolver: createResolver({ providers: [memory(stored)] }) };
  };

  test("a handler runs again with the fresh secret on its context", async () => {
    const { resolver, stored } = setting();
    const invocation = perInvocation(resolver, { db: "memory::db" }, { isAuthenticationError });
    const given = context() as { secrets?: { db: string } };
    const seen: (string | undefined)[] = [];
    const run = () => {
      seen.push(given.secrets?.db);
      if (given.secrets?.db === "first") {
        stored.db = "second";
        throw refused;
      }
      return "done";
    };
    expect(await invocation.run(given, run)).toBe("done");
    expect(seen).toEqual(["first", "second"]);
  });

  test("its own error comes where nothing else is there before the deadline", async () => {
    const { resolver } = setting();
    const invocation = perInvocation(resolver, { db: "memory::db" }, { isAuthenticationError });
    const given = context({ getRemainingTimeInMillis: () => 600 });
    await expect(invocation.run(given, () => Promise.reject(refused))).rejects.toBe(refused);
  });

  test("a function is run with the secrets it names", async () => {
    const withDb = rotating({ db: reference }, { isAuthenticationError });
    expect(await withDb(({ db }) => db.length)).toBe("correct horse".length);
  });
});
