import { afterAll, expect, test } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { startLocalAws } from "@serverless-secrets/local";
import { user } from "./database.ts";
import { orders } from "./orders.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

test("a rotated password costs one refusal and one more call", async () => {
  aws.createSecret({ name: "prod/shop/db", value: JSON.stringify({ user: "shop", password: "first" }) });
  expect(await orders()).toEqual(["one", "two"]);

  user.password = "second";
  await put(JSON.stringify({ user: "shop", password: "second" }));
  expect(await Promise.all([orders(), orders(), orders()])).toEqual(Array(3).fill(["one", "two"]));
  expect(aws.calls.filter(({ operation }) => operation === "GetSecretValue")).toHaveLength(2);
});

function put(SecretString: string): Promise<unknown> {
  const input = { SecretId: "prod/shop/db", SecretString, ClientRequestToken: crypto.randomUUID() };
  const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 5_000, background: false };
  return direct()({ service: "secretsmanager", operation: "PutSecretValue", region: aws.region, input }, call);
}
