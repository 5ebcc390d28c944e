import { expect, test } from "@jest/globals";
import { awsProviders } from "@serverless-secrets/aws";
import { parseReference } from "@serverless-secrets/core";
import policy from "./policy.json" with { type: "json" };
import manifest from "./secrets.json" with { type: "json" };

test("the policy allows what the reference needs, and nothing else", () => {
  const [kms] = awsProviders();
  const target = kms?.parse(parseReference(manifest.webhook));
  const scope = { partition: "aws", region: "us-west-1", accountId: "111122223333", keyArn: () => undefined };
  expect(target && kms?.permissions([target], scope)).toEqual([
    { actions: [policy.Action], resources: [policy.Resource], conditions: policy.Condition },
  ]);
});
