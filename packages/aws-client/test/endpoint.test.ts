import { describe, expect, test } from "@jest/globals";
import { findEndpoint } from "../src/endpoint.ts";
import { checkRegion, defaultRegion, parseArn, regionPartition } from "../src/index.ts";
import type { Service } from "../src/service.ts";
import { withEnv } from "./env.ts";

const hostile = [
  "x@evil.example/#",
  "us-east-1.evil.example",
  "us-east-1/",
  "us-east-1\n",
  "us-east-1#",
  "us-east-1:443",
  "us-east-123",
  "US-EAST-1",
  "us-east",
  "us--1",
  "global",
  "",
  " us-east-1",
];

describe("a region", () => {
  test.each([
    ["us-east-1", "aws", "kms.us-east-1.amazonaws.com"],
    ["ap-southeast-7", "aws", "kms.ap-southeast-7.amazonaws.com"],
    ["il-central-1", "aws", "kms.il-central-1.amazonaws.com"],
    ["us-gov-west-1", "aws-us-gov", "kms.us-gov-west-1.amazonaws.com"],
    ["cn-northwest-1", "aws-cn", "kms.cn-northwest-1.amazonaws.com.cn"],
    ["eusc-de-east-1", "aws-eusc", "kms.eusc-de-east-1.amazonaws.eu"],
    ["us-iso-east-1", "aws-iso", "kms.us-iso-east-1.c2s.ic.gov"],
    ["us-isob-east-1", "aws-iso-b", "kms.us-isob-east-1.sc2s.sgov.gov"],
    ["eu-isoe-west-1", "aws-iso-e", "kms.eu-isoe-west-1.cloud.adc-e.uk"],
    ["us-isof-south-1", "aws-iso-f", "kms.us-isof-south-1.csp.hci.ic.gov"],
  ])("%s is of %s and has %s", async (region, partition, host) => {
    expect(regionPartition(region)).toBe(partition);
    const endpoint = await withEnv({}, () => findEndpoint("kms", region));
    expect(endpoint).toEqual({ protocol: "https:", hostname: host, port: 443, host });
  });

  test.each(hostile)("%j is none, so no host is made of it", (region) => {
    expect(regionPartition(region)).toBeUndefined();
    expect(() => findEndpoint("kms", region)).toThrow(
      expect.objectContaining({
        code: "ERR_SECRET_REFERENCE",
        message: "ERR_SECRET_REFERENCE: the region is no AWS region. Write one such as eu-west-1.",
      }),
    );
    expect(() => checkRegion(region)).toThrow(expect.objectContaining({ code: "ERR_SECRET_REFERENCE" }));
  });

  test.each<[Service, string]>([
    ["kms", "kms.eu-west-1.amazonaws.com"],
    ["secretsmanager", "secretsmanager.eu-west-1.amazonaws.com"],
    ["ssm", "ssm.eu-west-1.amazonaws.com"],
    ["dynamodb", "dynamodb.eu-west-1.amazonaws.com"],
  ])("%s is at %s", async (service, host) => {
    expect(await withEnv({}, () => findEndpoint(service, "eu-west-1").host)).toBe(host);
  });
});

describe("the default region", () => {
  test("is AWS_REGION, then AWS_DEFAULT_REGION; an empty one is none", async () => {
    expect(await withEnv({ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-east-1" }, defaultRegion)).toBe(
      "eu-west-1",
    );
    expect(await withEnv({ AWS_REGION: "", AWS_DEFAULT_REGION: "us-east-1" }, defaultRegion)).toBe("us-east-1");
  });

  test.each([
    [
      {},
      "ERR_SECRET_REFERENCE: no region is known. Set AWS_REGION, or add ?region=… to the reference, such as ?region=eu-west-1.",
    ],
    [
      { AWS_REGION: "x@evil.example/#" },
      "ERR_SECRET_REFERENCE: AWS_REGION is no AWS region. Write one such as eu-west-1.",
    ],
  ])("of %j is refused", async (env, message) => {
    await expect(withEnv(env, defaultRegion)).rejects.toMatchObject({ code: "ERR_SECRET_REFERENCE", message });
  });
});

describe("an ARN", () => {
  test.each([
    ["arn:aws:kms:us-west-1:111122223333:key/1234", ["aws", "kms", "us-west-1", "111122223333", "key/1234"]],
    [
      "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/a",
      ["aws-cn", "ssm", "cn-north-1", "111122223333", "parameter/a"],
    ],
    [
      "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
      ["aws", "secretsmanager", "eu-west-1", "111122223333", "secret:prod/db-AbCdEf"],
    ],
  ])("%s is taken apart", (arn, [partition, service, region, accountId, resource]) => {
    expect(parseArn(arn)).toEqual({ partition, service, region, accountId, resource });
  });

  test.each([
    ["another partition's region", "arn:aws:kms:cn-north-1:111122223333:key/1"],
    ["an unknown partition", "arn:aws-moon:kms:us-east-1:111122223333:key/1"],
    ["a region that is none", "arn:aws:kms:x@evil.example/#:111122223333:key/1"],
    ["a region in capitals", "arn:aws:kms:US-EAST-1:111122223333:key/1"],
    ["no region", "arn:aws:iam::111122223333:role/a"],
    ["an account of eleven digits", "arn:aws:kms:us-east-1:11112222333:key/1"],
    ["no account", "arn:aws:kms:us-east-1::key/1"],
    ["no resource", "arn:aws:kms:us-east-1:111122223333:"],
    ["white space", "arn:aws:kms:us-east-1:111122223333:key/1 2"],
    ["a line break at its end", "arn:aws:kms:us-east-1:111122223333:key/1\n"],
    ["something before it", " arn:aws:kms:us-east-1:111122223333:key/1"],
    ["nothing of an ARN", "key/1"],
  ])("with %s is none", (_, text) => {
    expect(parseArn(text)).toBeUndefined();
  });
});

describe("a configured endpoint", () => {
  const find = (env: Readonly<Record<string, string>>, service: Service = "secretsmanager") =>
    withEnv(env, () => findEndpoint(service, "eu-west-1"));

  test.each<[Service, string]>([
    ["kms", "AWS_ENDPOINT_URL_KMS"],
    ["secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"],
    ["ssm", "AWS_ENDPOINT_URL_SSM"],
    ["dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"],
  ])("of %s is %s, then AWS_ENDPOINT_URL", async (service, variable) => {
    const general = { AWS_ENDPOINT_URL: "https://general.example" };
    expect(await find({ ...general, [variable]: "https://own.example" }, service)).toMatchObject({
      hostname: "own.example",
      variable,
    });
    expect(await find({ ...general, [variable]: "" }, service)).toMatchObject({
      hostname: "general.example",
      variable: "AWS_ENDPOINT_URL",
    });
  });

  test.each([
    ["https://vpce-1.example", { protocol: "https:", hostname: "vpce-1.example", port: 443, host: "vpce-1.example" }],
    ["https://a.example:443/", { protocol: "https:", hostname: "a.example", port: 443, host: "a.example" }],
    ["https://a.example:8443", { protocol: "https:", hostname: "a.example", port: 8443, host: "a.example:8443" }],
    ["http://localhost:4566", { protocol: "http:", hostname: "localhost", port: 4566, host: "localhost:4566" }],
    ["http://127.9.9.9", { protocol: "http:", hostname: "127.9.9.9", port: 80, host: "127.9.9.9" }],
    ["http://127.1:4566", { protocol: "http:", hostname: "127.0.0.1", port: 4566, host: "127.0.0.1:4566" }],
    ["http://[::1]:4566", { protocol: "http:", hostname: "::1", port: 4566, host: "[::1]:4566" }],
  ])("%s is dialled as it is signed", async (url, endpoint) => {
    expect(await find({ AWS_ENDPOINT_URL: url })).toEqual({ ...endpoint, variable: "AWS_ENDPOINT_URL" });
  });

  test("is ignored where AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true", async () => {
    const env = { AWS_ENDPOINT_URL: "https://a.example", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
    expect((await find(env)).host).toBe("secretsmanager.eu-west-1.amazonaws.com");
  });

  test.each([
    "a.example",
    "ftp://a.example",
    "https://user:pass@a.example",
    "https://a.example/path",
    "https://a.example/?q",
    "https://a.example/#f",
    "https://",
    "not a url",
  ])("%j is refused, unquoted", async (url) => {
    await expect(find({ AWS_ENDPOINT_URL: url })).rejects.toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: "AWS_ENDPOINT_URL is no endpoint. Write it as https://host or https://host:port, with no path.",
    });
  });

  test.each([
    "http://a.example",
    "http://10.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://[::2]",
    "http://0.0.0.0",
  ])("%s is plain HTTP to another machine, which is refused", async (url) => {
    await expect(find({ AWS_ENDPOINT_URL_SECRETS_MANAGER: url })).rejects.toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail:
        "AWS_ENDPOINT_URL_SECRETS_MANAGER is plain HTTP to another machine, which would show the secret. Write https://.",
    });
  });

  test("is the cure where the environment asks for FIPS or dual-stack", async () => {
    await expect(find({ AWS_USE_FIPS_ENDPOINT: "true" })).rejects.toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail:
        "AWS_USE_FIPS_ENDPOINT is not supported here. Set AWS_ENDPOINT_URL_SECRETS_MANAGER to the FIPS endpoint, such as https://secretsmanager-fips.eu-west-1.amazonaws.com, or let the AWS SDK send the requests (sdk() of @serverless-secrets/aws-client/sdk).",
    });
    await expect(find({ AWS_USE_DUALSTACK_ENDPOINT: "true" })).rejects.toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail:
        "AWS_USE_DUALSTACK_ENDPOINT is not supported here. Set AWS_ENDPOINT_URL_SECRETS_MANAGER to the dual-stack endpoint of eu-west-1, or let the AWS SDK send the requests (sdk() of @serverless-secrets/aws-client/sdk).",
    });
    const cured = { AWS_USE_FIPS_ENDPOINT: "true", AWS_ENDPOINT_URL_SECRETS_MANAGER: "https://fips.example" };
    expect((await find(cured)).host).toBe("fips.example");
    expect((await find({ AWS_USE_FIPS_ENDPOINT: "false" })).port).toBe(443);
  });
});
