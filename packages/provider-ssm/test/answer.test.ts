import { afterEach, describe, expect, test } from "@jest/globals";
import type { AwsClients, AwsRequest } from "@serverless-secrets/aws-client";
import { createResolver, SecretError as Failure, type SecretError } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { type SsmOptions, ssm } from "../src/index.ts";
import { ssmSealer } from "../src/seal.ts";

const answering = (answer: Record<string, unknown> | Error) => {
  const asked: AwsRequest[] = [];
  const clients: AwsClients = async (request) => {
    asked.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, clients, inputs: () => asked.map(({ operation, input }) => [operation, input]) };
};
const resolverOf = (options: SsmOptions) => createResolver({ providers: [ssm({ region: "us-west-1", ...options })] });
const arnOf = (name: string) => `arn:aws:ssm:us-west-1:111122223333:parameter${name}`;
const parameter = (Name: string, Value: string, rest: object = {}) => ({
  Name,
  ARN: arnOf(Name),
  Type: "SecureString",
  Value,
  ...rest,
});
const failureOf = (promise: Promise<unknown>): Promise<SecretError> =>
  promise.then(
    () => Promise.reject(new Error("It did not fail")),
    (error: SecretError) => error,
  );
const refs = (...rests: readonly string[]) => Object.fromEntries(rests.map((rest) => [rest, `ssm::${rest}`]));

afterEach(() => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) delete process.env[name];
});

describe("what SSM is asked", () => {
  test("is GetParameters, also for one alone, always decrypted", async () => {
    const { clients, asked } = answering({ Parameters: [parameter("/a", "x")] });
    await resolverOf({ clients }).resolve("ssm::/a");
    expect(asked).toEqual([
      {
        service: "ssm",
        operation: "GetParameters",
        region: "us-west-1",
        input: { Names: ["/a"], WithDecryption: true },
        resource: "/a",
      },
    ]);
  });

  test("names each once, with its version or label behind a colon", async () => {
    const { clients, inputs } = answering({ Parameters: [] });
    const rests = [
      "/a#/user",
      "/a#/password",
      "/a?name=/a?name=",
      "/a::3",
      "/a::blue",
      arnOf("/a"),
      `${arnOf("/a")}::3`,
    ];
    await failureOf(resolverOf({ clients }).resolveAll(refs(...rests.filter((rest) => !rest.includes("name=")))));
    expect(inputs()).toEqual([
      ["GetParameters", { Names: ["/a", "/a:3", "/a:blue"], WithDecryption: true }],
      // By themselves: they may be another account's, whose parameter of that name is another.
      ["GetParameters", { Names: [arnOf("/a"), `${arnOf("/a")}:3`], WithDecryption: true }],
    ]);
  });

  test("is asked in each region by itself, ten at once", async () => {
    const { clients, asked } = answering({ Parameters: [] });
    const here = Array.from({ length: 11 }, (_, i) => `/here/${i}`);
    await failureOf(resolverOf({ clients }).resolveAll(refs(...here, "/there?region=eu-west-1")));
    expect(asked.map(({ region, input }) => [region, (input as { Names: string[] }).Names.length])).toEqual([
      ["us-west-1", 10],
      ["us-west-1", 1],
      ["eu-west-1", 1],
    ]);
  });

  test("in the region of the environment, read at each fetch and not before", async () => {
    const { clients, asked } = answering({ Parameters: [parameter("/a", "x")] });
    const resolver = createResolver({ providers: [ssm({ clients })] });
    const prepared = resolver.prepare({ a: "ssm::/a" });
    expect(await failureOf(prepared.load())).toMatchObject({
      code: "ERR_SECRET_REFERENCE",
      message: expect.stringMatching(/no region is known\. Set AWS_REGION, or add \?region=/),
    });
    process.env.AWS_DEFAULT_REGION = "eu-west-1";
    await prepared.load();
    process.env.AWS_REGION = "us-east-2";
    resolver.forget("ssm::/a");
    await prepared.load();
    expect(asked.map(({ region }) => region)).toEqual(["eu-west-1", "us-east-2"]);
  });
});

describe("what SSM answers", () => {
  test("is matched by name and selector, in whatever order", async () => {
    const answers = [
      parameter("/b", "latest of b"),
      parameter("/a", "label of a", { Selector: ":blue" }),
      parameter("/a", "latest of a", { Selector: null }),
      parameter("/a", "3 of a", { Selector: ":3" }),
      parameter("/a/b", "latest of a/b"),
    ];
    const { clients } = answering({ Parameters: answers });
    const rests = ["/a", "/a::3", "/b", "/a::blue", "/a/b", arnOf("/a"), `${arnOf("/a")}::blue`];
    const all = await resolverOf({ clients }).resolveAll(refs(...rests));
    expect(rests.map((rest) => all[rest])).toEqual([
      "latest of a",
      "3 of a",
      "latest of b",
      "label of a",
      "latest of a/b",
      "latest of a",
      "label of a",
    ]);
  });

  test("under another version than asked for is no answer", async () => {
    const { clients } = answering({ Parameters: [parameter("/a", "x"), parameter("/a", "y", { Selector: ":2" })] });
    expect(await failureOf(resolverOf({ clients }).resolve("ssm::/a::3"))).toMatchObject({
      code: "ERR_SECRET_NOT_FOUND",
      message: expect.stringContaining("no such parameter with version 3 in this account"),
    });
  });

  test.each([
    ["/gone", "there is no such parameter in this account and region. Correct the name"],
    ["/gone::blue", "there is no such parameter with label blue in this account and region."],
  ])("as missing fails alone: %s", async (rest, message) => {
    const { clients, asked } = answering({ Parameters: [parameter("/a", "x")], InvalidParameters: ["/gone"] });
    const error = await failureOf(resolverOf({ clients }).resolveAll(refs("/a", rest)));
    expect(error).toMatchObject({
      code: "ERR_SECRET_NOT_FOUND",
      secretName: rest,
      detail: expect.stringContaining(message),
    });
    expect(asked).toHaveLength(1);
  });

  test("as stored unencrypted is refused alone, unless it is allowed", async () => {
    const answer = { Parameters: [parameter("/a", "x"), parameter("/b", "canary", { Type: "String" })] };
    const error = await failureOf(resolverOf(answering(answer)).resolveAll(refs("/a", "/b")));
    expect(error).toMatchObject({
      code: "ERR_SECRET_VALUE",
      secretName: "/b",
      detail: expect.stringMatching(/stores unencrypted.*SecureString.*allowUnencrypted: true/),
    });
    expect(error.message).not.toContain("canary");
    const allowing = resolverOf({ ...answering(answer), allowUnencrypted: true });
    expect(await allowing.resolve("ssm::/b")).toBe("canary");
  });

  test("as of no type is taken for unencrypted", async () => {
    const { clients } = answering({ Parameters: [parameter("/a", "x", { Type: undefined })] });
    expect(await failureOf(resolverOf({ clients }).resolve("ssm::/a"))).toMatchObject({ code: "ERR_SECRET_VALUE" });
  });

  test.each([{}, { Parameters: "x" }, { Parameters: [] }])("as nothing is not found: %j", async (answer) => {
    expect(await failureOf(resolverOf(answering(answer)).resolve("ssm::/a"))).toMatchObject({
      code: "ERR_SECRET_NOT_FOUND",
    });
  });

  test("without a value is a fault of the store", async () => {
    const { clients } = answering({ Parameters: [parameter("/a", "x", { Value: undefined })] });
    expect(await failureOf(resolverOf({ clients }).resolve("ssm::/a"))).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
    });
  });

  test("as throttled is not asked for singly: ten that are refused do not become eleven calls", async () => {
    const throttled = new Failure("ERR_SECRET_UNAVAILABLE", "throttled.", { cause: { name: "ThrottlingException" } });
    const { clients, asked } = answering(throttled);
    await failureOf(resolverOf({ clients }).resolveAll(refs("/a", "/b", "/c")));
    expect(asked).toHaveLength(1);
  });

  test("as denied for all is asked for singly, each by the same action", async () => {
    const denied = new Failure("ERR_SECRET_ACCESS_DENIED", "denied.", { cause: { name: "AccessDeniedException" } });
    const { clients, inputs } = answering(denied);
    await failureOf(resolverOf({ clients }).resolveAll(refs("/a", "/b")));
    expect(inputs().map(([operation, input]) => [operation, (input as { Names: string[] }).Names])).toEqual([
      ["GetParameters", ["/a", "/b"]],
      ["GetParameters", ["/a"]],
      ["GetParameters", ["/b"]],
    ]);
  });
});

describe("what is written", () => {
  const keyArn = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const sealed = async (ref: string, plaintext: string | Uint8Array) => {
    const server = answering({ Version: 1 });
    const sealer = ssmSealer({ clients: server.clients, region: "us-west-1" });
    return { ...server, result: await seal(sealer, ref, plaintext).catch((error: unknown) => error) };
  };
  const common = { Name: "/a", Type: "SecureString", Overwrite: true };

  test("is a SecureString that replaces what was there", async () => {
    const { asked, result } = await sealed("ssm::/a?region=eu-west-1", "x");
    expect(result).toBe("ssm::/a?region=eu-west-1");
    expect(asked).toEqual([
      {
        service: "ssm",
        operation: "PutParameter",
        region: "eu-west-1",
        resource: "/a",
        input: { ...common, Value: "x" },
      },
    ]);
  });

  test("is encrypted with the key of its reference, and advanced where a standard one is too small", async () => {
    expect((await sealed(`ssm::/a?key=${keyArn}`, "x")).inputs()[0]?.[1]).toEqual({
      ...common,
      Value: "x",
      KeyId: keyArn,
    });
    for (const [value, rest] of [
      ["é".repeat(2_048), {}],
      ["é".repeat(2_049), { Tier: "Advanced" }],
    ] as const) {
      expect((await sealed("ssm::/a", value)).inputs()[0]?.[1]).toEqual({ ...common, Value: value, ...rest });
    }
  });

  test.each([
    ["nothing", "ssm::/a", "", "ERR_SECRET_VALUE", /0 bytes; SSM keeps 1 to 8192/],
    ["too much", "ssm::/a", "é".repeat(4_097), "ERR_SECRET_VALUE", /8194 bytes/],
    ["bytes", "ssm::/a", Uint8Array.of(1), "ERR_SECRET_VALUE", /text alone/],
    ["a version", "ssm::/a::3", "x", "ERR_SECRET_REFERENCE", /without a version or label/],
    ["by ARN", `ssm::${arnOf("/a")}`, "x", "ERR_SECRET_REFERENCE", /what to write is ssm::<name>/],
    ["for another scheme", "secretsmanager::a", "x", "ERR_SECRET_REFERENCE", /ssm::<name>/],
  ])("is not sent: %s", async (_, ref, plaintext, code, message) => {
    const { asked, result } = await sealed(ref, plaintext);
    expect(result).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(asked).toEqual([]);
  });
});
