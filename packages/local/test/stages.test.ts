import { randomUUID } from "node:crypto";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { refusal, secretsClient } from "./client.ts";

let aws: LocalAws;
let sm: ReturnType<typeof secretsClient>;
beforeEach(async () => {
  aws = await startLocalAws();
  sm = secretsClient(aws);
});
afterEach(async () => {
  sm.destroy();
  await aws.stop();
});

const SecretId = "s";
const put = async (value: string, ...VersionStages: string[]): Promise<string> => {
  const stages = VersionStages.length > 0 ? { VersionStages } : {};
  return (await sm.send(new PutSecretValueCommand({ SecretId, SecretString: value, ...stages }))).VersionId ?? "";
};
const move = (VersionStage: string, RemoveFromVersionId?: string, MoveToVersionId?: string): Promise<unknown> =>
  sm.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }));
const stages = async (): Promise<Record<string, string[]>> =>
  (await sm.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {};
const invalid = (message: string): object => ({ name: "InvalidParameterException", message, status: 400 });

describe("UpdateSecretVersionStage", () => {
  test("finishes a rotation: the pending version becomes current, the one before it the previous", async () => {
    const { versionId: one } = aws.createSecret({ name: SecretId, value: "1" });
    const two = await put("2", "AWSPENDING");
    expect((await sm.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe("1");
    const pending = new GetSecretValueCommand({ SecretId, VersionStage: "AWSPENDING" });
    expect((await sm.send(pending)).SecretString).toBe("2");
    await move("AWSCURRENT", one, two);
    expect(await stages()).toEqual({ [one]: ["AWSPREVIOUS"], [two]: ["AWSPENDING", "AWSCURRENT"] });
    const { LastRotatedDate } = await sm.send(new DescribeSecretCommand({ SecretId }));
    expect(Math.abs((LastRotatedDate?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
    await move("AWSPENDING", two);
    expect(await stages()).toEqual({ [one]: ["AWSPREVIOUS"], [two]: ["AWSCURRENT"] });
  });

  test("takes a rotation back: the previous version is current again", async () => {
    const { versionId: one } = aws.createSecret({ name: SecretId, value: "1" });
    const two = await put("2");
    await move("AWSCURRENT", two, one);
    expect(await stages()).toEqual({ [one]: ["AWSCURRENT"], [two]: ["AWSPREVIOUS"] });
  });

  test("does not move a stage without the version it comes from", async () => {
    const { versionId: one } = aws.createSecret({ name: SecretId, value: "1" });
    const two = await put("2", "AWSPENDING");
    expect(await refusal(move("AWSCURRENT", undefined, two))).toEqual(
      invalid(
        `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${one}, so you must explicitly reference that version in RemoveFromVersionId.`,
      ),
    );
    expect(await refusal(move("AWSCURRENT", two, one))).toMatchObject({ name: "InvalidParameterException" });
    expect(await stages()).toEqual({ [one]: ["AWSCURRENT"], [two]: ["AWSPENDING"] });
  });

  test("never leaves a secret without a current version", async () => {
    const { versionId: one } = aws.createSecret({ name: SecretId, value: "1" });
    expect(await refusal(move("AWSCURRENT", one))).toEqual(
      invalid(
        "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.",
      ),
    );
  });

  test("puts a stage of one's own on, once, and takes it off", async () => {
    const { versionId: one } = aws.createSecret({ name: SecretId, value: "1" });
    await move("blue", undefined, one);
    await move("blue", undefined, one);
    const blue = await sm.send(new GetSecretValueCommand({ SecretId, VersionStage: "blue" }));
    expect(blue.VersionStages).toEqual(["AWSCURRENT", "blue"]);
    await move("blue", one);
    expect(await refusal(move("blue", one))).toMatchObject({ name: "InvalidParameterException" });
    expect(await stages()).toEqual({ [one]: ["AWSCURRENT"] });
  });

  test("refuses versions that are not there, none at all, and the 21st stage", async () => {
    const { versionId: one } = aws.createSecret({ name: SecretId, value: "1" });
    const nobody = randomUUID();
    expect(await refusal(move("blue", undefined, nobody))).toEqual({
      name: "ResourceNotFoundException",
      message: `Secrets Manager can't find the specified secret value for VersionId: ${nobody}`,
      status: 400,
    });
    expect(await refusal(move("blue"))).toMatchObject({ name: "InvalidParameterException" });
    for (let n = 0; n < 19; n += 1) await move(`stage${n}`, undefined, one);
    expect(await refusal(move("blue", undefined, one))).toMatchObject({ name: "LimitExceededException" });
    await put("2", ...Array.from({ length: 20 }, (_, n) => `other${n}`));
  });
});

test("whatever is put and moved, one version is current, a stage is on one version, and AWSPREVIOUS was current last", async () => {
  const stage = fc.constantFrom("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "blue");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), stage: fc.option(stage, { nil: undefined }) }),
    fc.record({
      kind: fc.constant("move" as const),
      stage,
      from: fc.option(fc.nat(6), { nil: undefined }),
      to: fc.option(fc.nat(6), { nil: undefined }),
    }),
  );
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      n += 1;
      const Secret = `s${n}`;
      const ids = [aws.createSecret({ name: Secret, value: "0" }).versionId];
      const read = async (): Promise<Record<string, string[]>> =>
        (await sm.send(new DescribeSecretCommand({ SecretId: Secret }))).VersionIdsToStages ?? {};
      const holder = (all: Record<string, string[]>, label: string): string | undefined =>
        Object.keys(all).find((id) => all[id]?.includes(label));
      let before = await read();
      for (const each of steps) {
        if (each.kind === "put") {
          const VersionStages = each.stage === undefined ? {} : { VersionStages: [each.stage] };
          const command = new PutSecretValueCommand({ SecretId: Secret, SecretString: "x", ...VersionStages });
          ids.push((await sm.send(command)).VersionId ?? "");
        } else {
          const at = (index: number | undefined): string | undefined =>
            index === undefined ? undefined : ids[index % ids.length];
          const ends = { RemoveFromVersionId: at(each.from), MoveToVersionId: at(each.to) };
          const command = { SecretId: Secret, VersionStage: each.stage, ...ends };
          await sm.send(new UpdateSecretVersionStageCommand(command)).catch((error: Error) => {
            if (error.name !== "InvalidParameterException") throw error;
          });
        }
        const after = await read();
        const labels = Object.values(after).flat();
        expect(labels.filter((label) => label === "AWSCURRENT")).toHaveLength(1);
        expect(new Set(labels).size).toBe(labels.length);
        const [was, is] = [holder(before, "AWSCURRENT"), holder(after, "AWSCURRENT")];
        if (was !== is) expect(holder(after, "AWSPREVIOUS")).toBe(was);
        before = after;
      }
    }),
    { numRuns: 25 },
  );
});
