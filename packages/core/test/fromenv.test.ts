import { afterEach, describe, expect, test } from "@jest/globals";
import { createResolver, fromEnv } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { canary, thrown } from "./canary.ts";

afterEach(() => {
  delete process.env["DB_SECRET"];
});

describe("references from environment variables", () => {
  test("are read by the names that the code uses, and nothing is written back", async () => {
    process.env["DB_SECRET"] = "memory::db";
    const before = { ...process.env };
    const refs = fromEnv({ db: "DB_SECRET" });
    expect(refs).toEqual({ db: "memory::db" });
    const { resolveAll } = createResolver({ providers: [memory({ db: canary })] });
    expect((await resolveAll(refs)).db).toBe(canary);
    expect({ ...process.env }).toEqual(before);
  });

  test("that are secrets instead are refused, unquoted", () => {
    process.env["DB_SECRET"] = canary;
    const error = thrown(() => fromEnv({ db: "DB_SECRET" }));
    expect(error.message).toBe(
      'ERR_SECRET_REFERENCE: "db": the environment variable DB_SECRET holds no reference (scheme::ref, such as ssm::/prod/db). If it holds the secret itself, take it out and rotate it.',
    );
  });

  test("are told of all at once, in their order", () => {
    const { code, errors } = thrown(() => fromEnv({ one: "NOT_SET_ONE", two: "NOT_SET_TWO" }));
    expect([code, errors?.map(({ secretName }) => secretName)]).toEqual(["ERR_SECRET_REFERENCE", ["one", "two"]]);
  });

  test.each([undefined, ""])("that are not set (%j) are told by their variable", (value) => {
    if (value !== undefined) process.env["DB_SECRET"] = value;
    expect(thrown(() => fromEnv({ db: "DB_SECRET" })).message).toBe(
      'ERR_SECRET_REFERENCE: "db": the environment variable DB_SECRET is not set. Put a reference in it.',
    );
  });
});
