import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { createResolver, parseReference } from "@serverless-secrets/core";
import { startLocalAws } from "@serverless-secrets/local";
import { secretsManager } from "../src/index.ts";

const aws = await startLocalAws();
const names = Array.from({ length: 21 }, (_, i) => `prod/s${i}`);
for (const name of names) aws.createSecret({ name, value: JSON.stringify({ user: name, password: `of ${name}` }) });
const undo: (() => void)[] = [];
beforeEach(() => {
  Object.assign(process.env, aws.env);
  aws.clearLog();
});
afterEach(() => {
  for (const each of undo.splice(0)) each();
});
afterAll(() => aws.stop());

const resolver = (timeoutMs = 10_000) => createResolver({ providers: [secretsManager()], timeoutMs });
const refs = (count: number) =>
  Object.fromEntries(names.slice(0, count).map((name) => [name, `secretsmanager::${name}`]));
const operations = () => aws.calls.map(({ operation }) => operation);
const check = (values: { readonly [name: string]: string }, count: number) => {
  for (const name of names.slice(0, count)) expect(JSON.parse(values[name] ?? "{}").user).toBe(name);
};

test("20 secrets are 1 call, and the same again none", async () => {
  const { resolveAll } = resolver();
  check(await resolveAll(refs(20)), 20);
  check(await resolveAll(refs(20)), 20);
  expect(operations()).toEqual(["BatchGetSecretValue"]);
});

test("21 are 2", async () => {
  check(await resolver().resolveAll(refs(21)), 21);
  expect(operations().sort()).toEqual(["BatchGetSecretValue", "GetSecretValue"]);
});

test("two members of one secret are 1", async () => {
  const { resolveAll } = resolver();
  const { user, password } = await resolveAll({
    user: "secretsmanager::prod/s0#/user",
    password: "secretsmanager::prod/s0#/password",
  });
  expect([user, password]).toEqual(["prod/s0", "of prod/s0"]);
  expect(operations()).toEqual(["GetSecretValue"]);
});

test("20 separate resolve() in one tick are 1", async () => {
  const { resolve } = resolver();
  const values = await Promise.all(Object.values(refs(20)).map((reference) => resolve(reference)));
  expect(values.map((value) => JSON.parse(value).user)).toEqual(names.slice(0, 20));
  expect(operations()).toEqual(["BatchGetSecretValue"]);
});

test("where the policy denies the batch, values are served singly, and the batch is let be for a while", async () => {
  undo.push(aws.deny({ action: "secretsmanager:BatchGetSecretValue" }));
  const { resolveAll } = resolver();
  check(await resolveAll(refs(5)), 5);
  expect(operations()).toEqual(["BatchGetSecretValue", ...Array(5).fill("GetSecretValue")]);
  aws.clearLog();
  await resolveAll(Object.fromEntries(names.slice(5, 8).map((name) => [name, `secretsmanager::${name}`])));
  expect(operations()).toEqual(Array(3).fill("GetSecretValue"));
});

test("where the policy denies one of many, it alone fails, and the message says what to allow", async () => {
  undo.push(
    aws.deny({ action: "secretsmanager:GetSecretValue", resource: "*:secret:prod/s3-??????".replaceAll("?", "*") }),
  );
  const error = await resolver()
    .resolveAll(refs(5))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toMatchObject({ code: "ERR_SECRET_ACCESS_DENIED", secretName: "prod/s3" });
  expect(String(error)).toMatch(/secretsmanager:GetSecretValue on arn:aws:secretsmanager:\S+:secret:prod\/s3-\w{6}/);
  expect(operations()).toEqual(["BatchGetSecretValue"]);
});

test("where the batch's own quota is used up to the end, there is time left to ask singly", async () => {
  undo.push(aws.fail({ kind: "throttle", operation: "BatchGetSecretValue" }));
  check(await resolver(3_000).resolveAll(refs(3)), 3);
  expect(operations().slice(-3)).toEqual(Array(3).fill("GetSecretValue"));
});

test("a page that is empty is not the end", async () => {
  undo.push(aws.fail({ kind: "emptyPage", operation: "BatchGetSecretValue", times: 1 }));
  check(await resolver().resolveAll(refs(3)), 3);
  expect(operations()).toEqual(["BatchGetSecretValue", "BatchGetSecretValue"]);
});

test("what AWS checks is what permissions() asks for", async () => {
  const key = aws.createKey().arn;
  aws.createSecret({ name: "prod/keyed", value: "x", kmsKeyId: key });
  const provider = secretsManager();
  const references = ["secretsmanager::prod/s0", `secretsmanager::prod/keyed?key=${key}`];
  await createResolver({ providers: [provider] }).resolveAll(
    Object.fromEntries(references.map((text) => [text, text])),
  );
  const scope = { partition: "aws", region: aws.region, accountId: aws.accountId, keyArn: () => undefined };
  const permissions = provider.permissions(
    references.map((text) => provider.parse(parseReference(text))),
    scope,
  );
  const managed = (resource: string) => resource.includes(":key/") && resource !== key;
  for (const { action, resource, context } of aws.checks.filter((each) => !managed(each.resource))) {
    const allowed = permissions.some(
      ({ actions, resources, conditions = {} }) =>
        actions.includes(action) &&
        resources.some((pattern) => matches(pattern, resource)) &&
        Object.values(conditions).every((pairs) =>
          Object.entries(pairs).every(([name, pattern]) =>
            [pattern].flat().some((each) => matches(each, String(context[name]))),
          ),
        ),
    );
    expect({ action, resource, allowed }).toEqual({ action, resource, allowed: true });
  }
  expect(new Set(aws.checks.filter((each) => !managed(each.resource)).map(({ action }) => action))).toEqual(
    new Set(permissions.flatMap(({ actions }) => actions)),
  );
});

/** As IAM's StringLike, for patterns without variables. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(text);
}
