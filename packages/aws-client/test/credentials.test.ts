import { describe, expect, test } from "@jest/globals";
import { SecretError } from "@serverless-secrets/core";
import type { AwsCredentials, CredentialSource } from "../src/credentials.ts";
import { readCredentials } from "../src/readcredentials.ts";
import { callFor } from "./call.ts";
import { withEnv } from "./env.ts";

const read = (source?: CredentialSource) => readCredentials(source, callFor(1_000));
const pair = { accessKeyId: "AKID", secretAccessKey: "secret/+=" };
const laptop = 'On a laptop run: eval "$(aws configure export-credentials --format env)"';

describe("the environment", () => {
  test("gives a key pair, with the session's token where there is one", async () => {
    const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret/+=" };
    expect(await withEnv(env, () => read())).toEqual(pair);
    expect(await withEnv({ ...env, AWS_SESSION_TOKEN: "" }, () => read())).toEqual(pair);
    const session = { ...env, AWS_SESSION_TOKEN: "token", AWS_PROFILE: "ignored" };
    expect(await withEnv(session, () => read())).toEqual({ ...pair, sessionToken: "token" });
  });

  test("is read at each request, as Lambda renews it", async () => {
    await withEnv({ AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "B" }, async () => {
      await read();
      process.env["AWS_ACCESS_KEY_ID"] = "C";
      expect((await read()).accessKeyId).toBe("C");
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ["nothing", {}, `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. ${laptop}`],
    ["half a pair", { AWS_ACCESS_KEY_ID: "CANARY" }, `AWS_SECRET_ACCESS_KEY is not set. ${laptop}`],
    [
      "a profile",
      { AWS_PROFILE: "CANARY" },
      `AWS_PROFILE is set, but profiles are not read here. ${laptop} - or let the AWS SDK send the requests (sdk() of @serverless-secrets/aws-client/sdk).`,
    ],
  ])("with %s says what to do", async (_, env, cure) => {
    await expect(withEnv(env, () => read())).rejects.toMatchObject({
      code: "ERR_SECRET_ACCESS_DENIED",
      detail: `there are no AWS credentials to sign with: ${cure}`,
    });
  });
});

describe("a source of the user's", () => {
  test("is an object, a function, or an async function", async () => {
    expect(await read(pair)).toEqual(pair);
    expect(await read(() => pair)).toEqual(pair);
    expect(await read(async () => ({ ...pair, sessionToken: "t", expiration: new Date() }))).toEqual({
      ...pair,
      sessionToken: "t",
    });
  });

  test.each<[string, Error, string]>([
    ["unexpectedly", new Error("CANARY"), "ERR_SECRET_PROVIDER"],
    ["for want of a network", Object.assign(new Error("CANARY"), { code: "ECONNREFUSED" }), "ERR_SECRET_UNAVAILABLE"],
  ])("that fails %s is named without its message", async (_, error, code) => {
    const failing = read(() => {
      throw error;
    });
    const rejecting = read(() => Promise.reject(error));
    for (const promise of [failing, rejecting]) {
      const caught = await promise.catch((reason: unknown) => reason);
      expect(caught).toMatchObject({ code });
      expect((caught as Error).message).not.toContain("CANARY");
    }
  });

  test("may choose the error itself", async () => {
    const own = new SecretError("ERR_SECRET_ACCESS_DENIED", "the vault is locked.");
    await expect(read(() => Promise.reject(own))).rejects.toBe(own);
  });

  test("that never answers ends with the call", async () => {
    const controller = new AbortController();
    const ended = {
      code: "ERR_SECRET_UNAVAILABLE",
      detail:
        "the AWS credentials did not come in time. Check that what gives them can be reached, or raise the call's timeout.",
    };
    const never = () => new Promise<never>(() => {});
    const reading = readCredentials(never, callFor(60_000, controller.signal));
    controller.abort();
    await expect(reading).rejects.toMatchObject(ended);
    await expect(readCredentials(() => pair, callFor(60_000, controller.signal))).rejects.toMatchObject(ended);
    await expect(readCredentials(never, callFor(20))).rejects.toMatchObject(ended);
  });
});

describe("credentials that no header may hold are refused, unquoted", () => {
  test.each<[string, unknown]>([
    ["access key id", { ...pair, accessKeyId: "CANARY\r\nx-injected: 1" }],
    ["access key id", { ...pair, accessKeyId: "" }],
    ["secret access key", { ...pair, secretAccessKey: "CANARY\n" }],
    ["secret access key", { accessKeyId: "A" }],
    ["session token", { ...pair, sessionToken: "CANARY\u0000" }],
    ["session token", { ...pair, sessionToken: "CANARYé" }],
    ["session token", { ...pair, sessionToken: "" }],
    ["access key id", null],
    ["access key id", "CANARY"],
  ])("%s: %j", async (part, credentials) => {
    const caught = await read(() => credentials as AwsCredentials).catch((error: unknown) => error);
    expect(caught).toMatchObject({
      code: "ERR_SECRET_ACCESS_DENIED",
      detail: `the ${part} of the AWS credentials is missing, or holds a space, a line break or another character that cannot be in one. Copy it again.`,
    });
    expect(JSON.stringify(caught)).not.toContain("CANARY");
  });
});
