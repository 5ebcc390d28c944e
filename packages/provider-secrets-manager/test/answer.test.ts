import { afterEach, describe, expect, test } from "@jest/globals";
import type { AwsClients, AwsRequest } from "@serverless-secrets/aws-client";
import { bytes, createResolver, SecretError as Failure, type SecretError } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { type SecretsManagerOptions, secretsManager } from "../src/index.ts";
import { secretsManagerSealer } from "../src/seal.ts";

type Answer = Record<string, unknown> | Error;

/** A Secrets Manager that gives these answers in turn, the last one for ever. */
const answering = (...answers: readonly Answer[]) => {
  const asked: AwsRequest[] = [];
  const clients: AwsClients = async (request) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? {};
    asked.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, clients, inputs: () => asked.map(({ operation, input }) => [operation, input]) };
};
const resolverOf = (options: SecretsManagerOptions) =>
  createResolver({ providers: [secretsManager({ region: "us-west-1", ...options })] });
const arnOf = (name: string, suffix = "AbCdEf") =>
  `arn:aws:secretsmanager:us-west-1:111122223333:secret:${name}-${suffix}`;
const value = (Name: string, SecretString = `value of ${Name}`) => ({ ARN: arnOf(Name), Name, SecretString });
const refused = (name: string, code: SecretError["code"] = "ERR_SECRET_PROVIDER") =>
  new Failure(code, "refused.", { cause: { name, status: 400 } });
const failureOf = (promise: Promise<unknown>): Promise<SecretError> =>
  promise.then(
    () => Promise.reject(new Error("It did not fail")),
    (error: SecretError) => error,
  );
const refs = (...rests: readonly string[]) =>
  Object.fromEntries(rests.map((rest) => [rest, `secretsmanager::${rest}`]));

afterEach(() => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) delete process.env[name];
});

describe("what Secrets Manager is asked", () => {
  test("for one secret GetSecretValue, with no version but what the reference has", async () => {
    const { clients, inputs } = answering(value("a"));
    const { resolve } = resolverOf({ clients });
    await resolve("secretsmanager::a");
    await resolve("secretsmanager::a::AWSPREVIOUS");
    await resolve("secretsmanager::a::1234abcd-12ab-34cd-56ef-1234567890ab");
    expect(inputs()).toEqual([
      ["GetSecretValue", { SecretId: "a" }],
      ["GetSecretValue", { SecretId: "a", VersionStage: "AWSPREVIOUS" }],
      ["GetSecretValue", { SecretId: "a", VersionId: "1234abcd-12ab-34cd-56ef-1234567890ab" }],
    ]);
  });

  test("for several the batch, and what has a version singly beside it", async () => {
    const { clients, inputs } = answering({ SecretValues: [value("a"), value("b")] }, value("c"));
    await resolverOf({ clients }).resolveAll(refs("a", "b", "c::AWSPREVIOUS"));
    expect(inputs()).toEqual([
      ["BatchGetSecretValue", { SecretIdList: ["a", "b"] }],
      ["GetSecretValue", { SecretId: "c", VersionStage: "AWSPREVIOUS" }],
    ]);
  });

  test("each region by itself", async () => {
    const { clients, asked } = answering({ SecretValues: [value("a"), value("b"), value("c"), value("d")] });
    await resolverOf({ clients }).resolveAll(refs("a", "b", "c?region=eu-west-1", "d?region=eu-west-1"));
    expect(asked.map(({ region }) => region)).toEqual(["us-west-1", "eu-west-1"]);
  });

  test("in the region of the environment, read at each fetch and not before", async () => {
    const { clients, asked } = answering(value("a"));
    const resolver = createResolver({ providers: [secretsManager({ clients })] });
    const prepared = resolver.prepare({ a: "secretsmanager::a" });
    expect(await failureOf(prepared.load())).toMatchObject({
      code: "ERR_SECRET_REFERENCE",
      message: expect.stringMatching(/no region is known\. Set AWS_REGION, or add \?region=/),
    });
    process.env.AWS_DEFAULT_REGION = "eu-west-1";
    await prepared.load();
    process.env.AWS_REGION = "us-east-2";
    resolver.forget("secretsmanager::a");
    await prepared.load();
    expect(asked.map(({ region }) => region)).toEqual(["eu-west-1", "us-east-2"]);
  });
});

describe("what a batch answers", () => {
  test("is matched by name and ARN, in whatever order, also where one name begins like another", async () => {
    const names = ["db", "db-AbCdEf", "db-AbCdEf2", "rds!x"];
    const { clients } = answering({ SecretValues: names.map((name) => value(name)).reverse() });
    const rests = ["db", "db-AbCdEf", arnOf("db-AbCdEf2"), arnOf("rds!x").slice(0, -7), arnOf("db")];
    const all = await resolverOf({ clients }).resolveAll(refs(...rests));
    expect(rests.map((rest) => all[rest])).toEqual(
      ["db", "db-AbCdEf", "db-AbCdEf2", "rds!x", "db"].map((name) => `value of ${name}`),
    );
  });

  test("is read to its last page, empty ones included", async () => {
    const { clients, inputs } = answering(
      { SecretValues: [], NextToken: "1" },
      { SecretValues: [value("b")], Errors: [], NextToken: "2" },
      { NextToken: "3" },
      { SecretValues: [value("a")], NextToken: null },
    );
    const { a, b } = await resolverOf({ clients }).resolveAll(refs("a", "b"));
    expect([a, b]).toEqual(["value of a", "value of b"]);
    expect(inputs().map(([, input]) => (input as { NextToken?: string }).NextToken)).toEqual([
      undefined,
      "1",
      "2",
      "3",
    ]);
    expect(inputs()[3]?.[1]).toEqual({ SecretIdList: ["a", "b"], NextToken: "3" });
  });

  test("tells each failure apart, with the action and the secret to allow, and quotes nothing of it", async () => {
    const { clients, asked } = answering({
      SecretValues: [value("a")],
      Errors: [
        { SecretId: "gone", ErrorCode: "ResourceNotFoundException", Message: "canary" },
        { SecretId: arnOf("denied"), ErrorCode: "AccessDeniedException", Message: "canary" },
        { SecretId: "key", ErrorCode: "DecryptionFailure", Message: "canary" },
        { SecretId: "slow", ErrorCode: "InternalServiceError", Message: "canary" },
        { SecretId: "odd", ErrorCode: "canary: with spaces", Message: 7 },
      ],
    });
    const error = await failureOf(
      resolverOf({ clients }).resolveAll(refs("a", "gone", "denied", "key", "slow", "odd")),
    );
    expect(error.errors?.map(({ secretName, code }) => [secretName, code])).toEqual([
      ["gone", "ERR_SECRET_NOT_FOUND"],
      ["denied", "ERR_SECRET_ACCESS_DENIED"],
      ["key", "ERR_SECRET_ACCESS_DENIED"],
      ["slow", "ERR_SECRET_UNAVAILABLE"],
      ["odd", "ERR_SECRET_PROVIDER"],
    ]);
    expect(error.message).toContain("secretsmanager:GetSecretValue on denied");
    expect(error.message).not.toContain("canary");
    expect(asked).toHaveLength(1);
  });

  test("leaves out what is not found", async () => {
    const { clients } = answering({ SecretValues: [value("a")], Errors: [] });
    const error = await failureOf(resolverOf({ clients }).resolveAll(refs("a", "b")));
    expect(error).toMatchObject({ code: "ERR_SECRET_NOT_FOUND", secretName: "b" });
  });

  test("fails a secret without a value alone", async () => {
    const { clients, asked } = answering({ SecretValues: [value("a"), { ARN: arnOf("b"), Name: "b" }] });
    const error = await failureOf(resolverOf({ clients }).resolveAll(refs("a", "b")));
    expect(error).toMatchObject({ code: "ERR_SECRET_VALUE", secretName: "b" });
    expect(asked).toHaveLength(1);
  });

  test("is no answer: then each is asked for singly", async () => {
    const { clients, inputs } = answering(refused("AccessDeniedException", "ERR_SECRET_ACCESS_DENIED"), value("a"));
    await resolverOf({ clients }).resolveAll(refs("a", "b"));
    expect(inputs().map(([operation]) => operation)).toEqual([
      "BatchGetSecretValue",
      "GetSecretValue",
      "GetSecretValue",
    ]);
  });
});

describe("a value", () => {
  test("that is binary is given as bytes, which share no memory with anybody", async () => {
    const { clients } = answering({ SecretString: null, SecretBinary: "AP/+" });
    const provider = secretsManager({ clients, region: "us-west-1" });
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 1_000, background: false };
    const target = provider.parse({ scheme: "secretsmanager", ref: "a", options: new Map() });
    const fetched = (await provider.fetch(target, call)) as Uint8Array;
    expect([...fetched]).toEqual([0, 0xff, 0xfe]);
    expect(fetched.buffer.byteLength).toBe(3);
    expect([...(await resolverOf({ clients }).resolve(bytes("secretsmanager::a")))]).toEqual([0, 0xff, 0xfe]);
  });

  test("that is empty text is a value", async () => {
    expect(await resolverOf(answering(value("a", ""))).resolve("secretsmanager::a")).toBe("");
  });

  test("that is not there is told with its cure", async () => {
    expect(await failureOf(resolverOf(answering({ Name: "a" })).resolve("secretsmanager::a"))).toMatchObject({
      code: "ERR_SECRET_VALUE",
      message: expect.stringContaining("put-secret-value"),
    });
  });
});

describe("what is written", () => {
  const sealed = async (ref: string, plaintext: string | Uint8Array, ...answers: readonly Answer[]) => {
    const server = answering(...answers);
    const sealer = secretsManagerSealer({ clients: server.clients, region: "us-west-1" });
    return { ...server, result: await seal(sealer, ref, plaintext).catch((error: unknown) => error) };
  };
  const token = expect.stringMatching(/^[0-9a-f-]{36}$/);
  const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const gone = refused("ResourceNotFoundException", "ERR_SECRET_NOT_FOUND");
  const denied = refused("AccessDeniedException", "ERR_SECRET_ACCESS_DENIED");
  const exists = refused("ResourceExistsException");

  test("is a new version with a token, in its region, so that it may be sent twice", async () => {
    const { asked, result } = await sealed("secretsmanager::a?region=eu-west-1", "x", {});
    expect(result).toBe("secretsmanager::a?region=eu-west-1");
    expect(asked).toMatchObject([{ operation: "PutSecretValue", region: "eu-west-1", resource: "a" }]);
    expect(asked[0]?.input).toEqual({ SecretId: "a", ClientRequestToken: token, SecretString: "x" });
  });

  test("is created where there is none, under the key of its reference, with the same token", async () => {
    const { inputs, result } = await sealed(`secretsmanager::a?key=${keyArn}&name=db`, Uint8Array.of(0xff), gone, {});
    expect(result).toBe(`secretsmanager::a?key=${keyArn}&name=db`);
    const common = { ClientRequestToken: token, SecretBinary: "/w==" };
    expect(inputs()).toEqual([
      ["PutSecretValue", { SecretId: "a", ...common }],
      ["CreateSecret", { Name: "a", ...common, KmsKeyId: keyArn }],
    ]);
    const [one, two] = inputs().map(([, input]) => (input as { ClientRequestToken: string }).ClientRequestToken);
    expect(one).toBe(two);
  });

  test("is created too where a policy on ARNs denies what has none yet", async () => {
    expect((await sealed("secretsmanager::a", "x", denied, {})).result).toBe("secretsmanager::a");
  });

  test.each([
    ["the put's denial, where the secret is there", [denied, exists], denied],
    ["the creation's, where it is not", [gone, denied], denied],
    [
      "the put's, where it says more",
      [refused("InvalidRequestException", "ERR_SECRET_NOT_FOUND"), {}],
      refused("InvalidRequestException", "ERR_SECRET_NOT_FOUND"),
    ],
  ])("is refused with %s", async (_, answers, error) => {
    const { code, cause } = (await sealed("secretsmanager::a", "x", ...answers)).result as SecretError;
    expect({ code, cause }).toEqual({ code: error.code, cause: error.cause });
  });

  test("is never created by ARN", async () => {
    const { asked, result } = await sealed(`secretsmanager::${arnOf("a")}`, "x", gone);
    expect(result).toMatchObject({ code: "ERR_SECRET_NOT_FOUND" });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["nothing", "secretsmanager::a", "", "ERR_SECRET_VALUE", /0 bytes; Secrets Manager keeps 1 to 65536/],
    ["too much", "secretsmanager::a", "é".repeat(32_769), "ERR_SECRET_VALUE", /65538 bytes/],
    ["too many bytes", "secretsmanager::a", new Uint8Array(65_537), "ERR_SECRET_VALUE", /65537 bytes/],
    ["a version", "secretsmanager::a::AWSPENDING", "x", "ERR_SECRET_REFERENCE", /without a stage or version/],
    ["a version id", `secretsmanager::a?versionId=${"v".repeat(32)}`, "x", "ERR_SECRET_REFERENCE", /without a stage/],
    ["for another scheme", "ssm::/a", "x", "ERR_SECRET_REFERENCE", /secretsmanager::<name>/],
  ])("is not sent: %s", async (_, ref, plaintext, code, message) => {
    const { asked, result } = await sealed(ref, plaintext, {});
    expect(result).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(asked).toEqual([]);
  });
});
