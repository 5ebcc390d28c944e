import { afterAll, expect, test } from "@jest/globals";
import { awsProviders, resolveAll } from "@serverless-secrets/aws";
import { parseReference } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import { secretsManagerSealer } from "@serverless-secrets/provider-secrets-manager/seal";
import { ssmSealer } from "@serverless-secrets/provider-ssm/seal";
import { handler } from "./handler.ts";
import secretsManagerPolicy from "./policy-secretsmanager.json" with { type: "json" };
import ssmPolicy from "./policy-ssm.json" with { type: "json" };
import manifest from "./secrets.json" with { type: "json" };

const aws = await startLocalAws({ region: "us-west-1" });
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());

test("secrets that the sealers wrote are read from their stores, one call each", async () => {
  const webhook = await seal(kmsSealer(), `kms::${aws.createKey().arn}?name=webhook`, "correct horse");
  const document = JSON.stringify({ user: "shop", password: "battery staple" });
  await seal(secretsManagerSealer(), "secretsmanager::prod/shop/db", document);
  await seal(ssmSealer(), "ssm::/prod/shop/token", "a token");
  aws.clearLog();

  const { password, token, ...rest } = await resolveAll({ ...manifest, webhook });
  expect([password, token, rest]).toEqual(["battery staple", "a token", {}]);
  expect(aws.calls.map(({ operation }) => operation).sort()).toEqual(["Decrypt", "GetParameters", "GetSecretValue"]);
});

test("the handler tells which of its secrets cannot be had, and why", async () => {
  const ended = handler({ body: "hello" }, {} as never);
  await expect(ended).rejects.toThrow(/"webhook" \(kms::arn:aws:kms:us-west-1:111122223333:key\/1234abcd-/);
});

test.each([
  ["secretsmanager", manifest.password, secretsManagerPolicy],
  ["ssm", manifest.token, ssmPolicy],
])("the policy for %s allows what the reference needs, and nothing else", (scheme, reference, policy) => {
  const provider = awsProviders().find((each) => each.scheme === scheme);
  const target = provider?.parse(parseReference(reference));
  const scope = { partition: "aws", region: "us-west-1", accountId: "111122223333", keyArn: () => undefined };
  expect(target && provider?.permissions([target], scope)).toEqual([
    { actions: [policy.Action], resources: [policy.Resource] },
  ]);
});
