import { randomUUID } from "node:crypto";
import { afterAll, afterEach, expect, jest, test } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { startLocalAws } from "@serverless-secrets/local";
import { rotating } from "../src/index.ts";

const aws = await startLocalAws();
Object.assign(process.env, aws.env);
afterAll(() => aws.stop());
afterEach(() => void jest.restoreAllMocks());

const secretsManager = (operation: string, input: object) =>
  direct()(
    { service: "secretsmanager", operation, region: aws.region, input },
    { signal: new AbortController().signal, deadlineMs: Date.now() + 20_000, background: false },
  );
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A database of one user. */
class RefusedError extends Error {}
const database = {
  password: "old",
  refusals: 0,
  async query(password: string): Promise<string> {
    await pause(2);
    if (password === this.password) return "rows";
    this.refusals += 1;
    throw new RefusedError();
  },
};

/** Makes all clocks of this process, the local AWS's among them, run ten times as fast: a rotation takes seconds. */
function hurry(): void {
  const startMs = Date.now();
  const now = Date.now.bind(Date);
  jest.spyOn(Date, "now").mockImplementation(() => startMs + (now() - startMs) * 10);
}

test("a rotation by Secrets Manager under load fails no invocation", async () => {
  const { versionId } = aws.createSecret({ name: "prod/db", value: JSON.stringify({ user: "app", password: "old" }) });
  const withDb = rotating(
    { password: "secretsmanager::prod/db#/password" },
    { isAuthenticationError: (error) => error instanceof RefusedError },
  );
  const invoke = () => withDb(({ password }) => database.query(password));
  await invoke();
  hurry();

  let over = false;
  const outcomes: string[] = [];
  const load = Array.from({ length: 8 }, async () => {
    while (!over) {
      outcomes.push(await invoke().catch((error: unknown) => String(error)));
      await pause(3);
    }
  });

  // As AWS's function for a single user does it: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
  const pending = randomUUID();
  const content = { SecretString: JSON.stringify({ user: "app", password: "new" }), ClientRequestToken: pending };
  await pause(50);
  await secretsManager("PutSecretValue", { SecretId: "prod/db", ...content, VersionStages: ["AWSPENDING"] }); // createSecret
  await pause(50);
  database.password = "new"; // setSecret: from here on, what is current is refused
  await pause(100); // testSecret
  expect(database.refusals).toBeGreaterThan(0);
  const move = { MoveToVersionId: pending, RemoveFromVersionId: versionId };
  await secretsManager("UpdateSecretVersionStage", { SecretId: "prod/db", VersionStage: "AWSCURRENT", ...move }); // finishSecret
  const before = outcomes.length;
  while (outcomes.length < before + 100) await pause(20);
  over = true;
  await Promise.all(load);

  expect(new Set(outcomes)).toEqual(new Set(["rows"]));
  // Eight at once, each refused at first and perhaps a few times while it looked; the store was not hammered.
  expect(database.refusals).toBeLessThan(8 * 4);
  expect(aws.calls.filter(({ operation }) => operation === "GetSecretValue").length).toBeLessThanOrEqual(4);
}, 10_000);

test("the version before stays within reach, by its stage and for good by its id", async () => {
  const { versionId } = aws.createSecret({ name: "prod/api", value: "first" });
  await secretsManager("PutSecretValue", {
    SecretId: "prod/api",
    SecretString: "second",
    ClientRequestToken: randomUUID(),
  });
  const withBoth = rotating(
    {
      now: "secretsmanager::prod/api",
      before: "secretsmanager::prod/api::AWSPREVIOUS",
      pinned: `secretsmanager::prod/api::${versionId}`,
    },
    { isAuthenticationError: () => false },
  );
  expect(await withBoth(({ now, before, pinned }) => [now, before, pinned])).toEqual(["second", "first", "first"]);
});
