import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { createResolver, parseReference } from "@serverless-secrets/core";
import { startLocalAws } from "@serverless-secrets/local";
import { ssm } from "../src/index.ts";

const aws = await startLocalAws();
const names = Array.from({ length: 25 }, (_, i) => `/prod/p${i}`);
for (const name of names) aws.putParameter({ name, value: JSON.stringify({ user: name, password: `of ${name}` }) });
const undo: (() => void)[] = [];
beforeEach(() => {
  Object.assign(process.env, aws.env);
  aws.clearLog();
});
afterEach(() => {
  for (const each of undo.splice(0)) each();
});
afterAll(() => aws.stop());

const resolver = () => createResolver({ providers: [ssm()] });
const refs = (count: number) => Object.fromEntries(names.slice(0, count).map((name) => [name, `ssm::${name}`]));
const sizes = () => aws.calls.map(({ operation, input }) => [operation, (input.Names as string[]).length]);
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

test("25 parameters are 3 calls, and the same again none", async () => {
  const { resolveAll } = resolver();
  for (let i = 0; i < 2; i += 1) {
    const values = await resolveAll(refs(25));
    expect(names.map((name) => JSON.parse(values[name] ?? "{}").user)).toEqual(names);
  }
  expect(sizes().sort()).toEqual([
    ["GetParameters", 10],
    ["GetParameters", 10],
    ["GetParameters", 5],
  ]);
});

test("two members of one parameter are 1", async () => {
  const { user, password } = await resolver().resolveAll({
    user: "ssm::/prod/p0#/user",
    password: "ssm::/prod/p0#/password",
  });
  expect([user, password]).toEqual(["/prod/p0", "of /prod/p0"]);
  expect(sizes()).toEqual([["GetParameters", 1]]);
});

test("20 separate resolve() in one tick are 2", async () => {
  const { resolve } = resolver();
  await Promise.all(Object.values(refs(20)).map((reference) => resolve(reference)));
  expect(sizes()).toEqual([
    ["GetParameters", 10],
    ["GetParameters", 10],
  ]);
});

test("where the policy denies one of many, it alone fails, and the message says what to allow", async () => {
  undo.push(aws.deny({ action: "ssm:GetParameters", resource: "*:parameter/prod/p3" }));
  const error = await failureOf(resolver().resolveAll(refs(5)));
  expect(error).toMatchObject({ code: "ERR_SECRET_ACCESS_DENIED", secretName: "/prod/p3" });
  expect(String(error)).toMatch(/ssm:GetParameters on arn:aws:ssm:\S+:parameter\/prod\/p3 /);
});

test("what AWS checks is what permissions() asks for, the customer's key included", async () => {
  const key = aws.createKey().arn;
  aws.putParameter({ name: "/prod/keyed", value: "x", keyId: key });
  const provider = ssm();
  const references = ["ssm::/prod/p0", `ssm::/prod/keyed?key=${key}`];
  await createResolver({ providers: [provider] }).resolveAll(
    Object.fromEntries(references.map((text) => [text, text])),
  );
  const scope = { partition: "aws", region: aws.region, accountId: aws.accountId, keyArn: () => undefined };
  const permissions = provider.permissions(
    references.map((text) => provider.parse(parseReference(text))),
    scope,
  );
  const asked = aws.checks.filter(({ resource }) => !resource.includes(":key/") || resource === key);
  for (const { action, resource, context } of asked) {
    const permission = permissions.find(
      ({ actions, resources }) => actions.includes(action) && resources.includes(resource),
    );
    expect(permission).toBeDefined();
    for (const [name, value] of Object.entries(permission?.conditions?.["StringEquals"] ?? {})) {
      expect([name, context[name]]).toEqual([name, value]);
    }
  }
  expect(new Set(asked.map(({ action }) => action))).toEqual(new Set(permissions.flatMap(({ actions }) => actions)));
});
