import { expect, test } from "@jest/globals";
import { startLocalAws } from "@serverless-secrets/local";
import { type AwsRequest, direct } from "../src/index.ts";
import { callFor } from "./call.ts";
import { withEnv } from "./env.ts";

test.each([3_600_000, -3_600_000])("a clock that is off by %d ms costs one call in all", async (skewMs) => {
  const aws = await startLocalAws();
  try {
    const { arn } = aws.createKey();
    const { region } = aws;
    const request: AwsRequest = { service: "kms", operation: "DescribeKey", region, input: { KeyId: arn } };
    const statuses = () => aws.calls.map(({ status }) => status);
    aws.setClockSkew(skewMs);
    await withEnv(aws.env, async () => {
      for (let i = 0; i < 3; i++) await direct()(request, callFor(5_000));
      expect(statuses()).toEqual([400, 200, 200, 200]);
      // And when it is set right, it is learnt anew.
      aws.setClockSkew(0);
      await direct()(request, callFor(5_000));
      expect(statuses().slice(4)).toEqual([400, 200]);
    });
  } finally {
    await aws.stop();
  }
});
