import { randomBytes, randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  RestoreSecretCommand,
  UpdateSecretCommand,
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

const place = "arn:aws:secretsmanager:us-east-1:111122223333:secret:";
const refused = (name: string, message: string): object => ({ name, message, status: 400 });
const notFound = (what = "."): object =>
  refused("ResourceNotFoundException", `Secrets Manager can't find the specified secret${what}`);
const deleted = refused(
  "InvalidRequestException",
  "You can't perform this operation on the secret because it was marked for deletion.",
);
const dayMs = 86_400_000;

describe("CreateSecret", () => {
  test("makes a secret whose first version is current, and whose id is the request's token", async () => {
    const ClientRequestToken = randomUUID();
    const made = await sm.send(
      new CreateSecretCommand({ Name: "prod/db", SecretString: "hunter2", ClientRequestToken }),
    );
    expect(made).toMatchObject({ Name: "prod/db", VersionId: ClientRequestToken });
    expect(made.ARN).toMatch(new RegExp(`^${place}prod/db-[A-Za-z0-9]{6}$`));
    const got = await sm.send(new GetSecretValueCommand({ SecretId: "prod/db" }));
    expect(got).toMatchObject({ ...made, SecretString: "hunter2", VersionStages: ["AWSCURRENT"], $metadata: {} });
    expect(got.SecretBinary).toBeUndefined();
    expect(Math.abs((got.CreatedDate?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  test("takes binary values of any bytes, and text of any letters, up to 65,536 bytes", async () => {
    let n = 0;
    const value = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1 }).map((SecretString) => ({ SecretString })),
      fc.uint8Array({ minLength: 1 }).map((SecretBinary) => ({ SecretBinary })),
    );
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        n += 1;
        await sm.send(new CreateSecretCommand({ Name: `s${n}`, ...given }));
        expect(await sm.send(new GetSecretValueCommand({ SecretId: `s${n}` }))).toMatchObject(given);
      }),
      { numRuns: 30 },
    );
    await sm.send(new CreateSecretCommand({ Name: "big", SecretBinary: randomBytes(65_536) }));
  });

  test.each<[string, object]>([
    ["text of more characters", { SecretString: "x".repeat(65_537) }],
    ["text of more bytes", { SecretString: "é".repeat(32_769) }],
    ["binary of more bytes", { SecretBinary: new Uint8Array(65_537) }],
    ["text of none", { SecretString: "" }],
    ["binary of none", { SecretBinary: new Uint8Array(0) }],
  ])("refuses %s, and does not quote it", async (_what, value) => {
    const { name, message } = await refusal(sm.send(new CreateSecretCommand({ Name: "s", ...value })));
    expect(name).toBe("ValidationException");
    expect(message.length).toBeLessThan(200);
  });

  test("refuses two values", async () => {
    const both = { SecretString: "x", SecretBinary: new Uint8Array(1) };
    const call = sm.send(new CreateSecretCommand({ Name: "s", ...both }));
    expect(await refusal(call)).toMatchObject({ name: "InvalidParameterException", status: 400 });
  });

  test("takes no value: there is no version then", async () => {
    const made = await sm.send(new CreateSecretCommand({ Name: "empty" }));
    expect(made.VersionId).toBeUndefined();
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId: "empty" })))).toEqual(
      notFound(" value for staging label: AWSCURRENT"),
    );
  });

  test("the same request again is the same secret; another of the name is refused", async () => {
    const first = { Name: "s", SecretString: "hunter2", ClientRequestToken: randomUUID() };
    const made = await sm.send(new CreateSecretCommand(first));
    expect(await sm.send(new CreateSecretCommand(first))).toMatchObject({ ARN: made.ARN, VersionId: made.VersionId });
    expect(await refusal(sm.send(new CreateSecretCommand({ Name: "s", SecretString: "other" })))).toEqual(
      refused("ResourceExistsException", "The operation failed because the secret s already exists."),
    );
    const other = sm.send(new CreateSecretCommand({ ...first, SecretString: "other" }));
    expect(await refusal(other)).toMatchObject({ name: "ResourceExistsException" });
  });

  test("a request without a token, which no SDK sends, is refused", async () => {
    sm.middlewareStack.add(
      (next) => (args) => {
        (args.request as { body: string }).body = JSON.stringify({ Name: "s", SecretString: "x" });
        return next(args);
      },
      { step: "build", priority: "high" },
    );
    expect(await refusal(sm.send(new CreateSecretCommand({ Name: "s", SecretString: "x" })))).toEqual(
      refused(
        "InvalidRequestException",
        "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
      ),
    );
  });

  test.each(["a b", "a:b", "a?", "é", "a!", "a#b"])("refuses the name '%s'", async (Name) => {
    const call = sm.send(new CreateSecretCommand({ Name, SecretString: "x" }));
    expect(await refusal(call)).toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/^Invalid name/),
    });
  });

  test("takes every name that AWS allows", async () => {
    const letters = "ABCXYZabcxyz0189/_+=.@-";
    const name = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(name, async (Name) => {
        const made = await sm.send(new CreateSecretCommand({ Name, SecretString: Name }));
        for (const SecretId of [Name, made.ARN]) {
          expect((await sm.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe(Name);
        }
        await sm.send(new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }));
      }),
      { numRuns: 20 },
    );
  });

  test("takes tags, and shows them", async () => {
    const Tags = [{ Key: "team", Value: "" }];
    await sm.send(new CreateSecretCommand({ Name: "s", Tags }));
    expect((await sm.send(new DescribeSecretCommand({ SecretId: "s" }))).Tags).toEqual(Tags);
    for (const wrong of [[{ Key: "aws:x", Value: "" }], [...Tags, ...Tags]]) {
      const call = sm.send(new CreateSecretCommand({ Name: "t", Tags: wrong }));
      expect(await refusal(call)).toMatchObject({ name: "InvalidParameterException" });
    }
  });
});

describe("a secret is found", () => {
  test("by its name, its ARN, and its ARN without the last six characters", async () => {
    const { arn, versionId } = aws.createSecret({ name: "prod/db", value: "hunter2" });
    for (const SecretId of ["prod/db", arn, arn.slice(0, -7)]) {
      const got = await sm.send(new GetSecretValueCommand({ SecretId }));
      expect(got).toMatchObject({ ARN: arn, Name: "prod/db", SecretString: "hunter2", VersionId: versionId });
    }
  });

  test("not by a partial ARN where its own name ends like a whole one", async () => {
    const { arn } = aws.createSecret({ name: "db-abcdef", value: "x" });
    const SecretId = arn.slice(0, -7);
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId })))).toEqual(notFound());
    expect((await sm.send(new GetSecretValueCommand({ SecretId: "db-abcdef" }))).SecretString).toBe("x");
  });

  test.each([
    "nope",
    "prod",
    "prod/db-abcdef",
    `${place}prod/db-zzzzzz`,
    `${place}prod`,
    `${place.replace("us-east-1", "eu-west-3")}prod/db`,
  ])("not by %s", async (SecretId) => {
    aws.createSecret({ name: "prod/db", value: "x" });
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId })))).toEqual(notFound());
    expect(await refusal(sm.send(new DescribeSecretCommand({ SecretId })))).toEqual(notFound());
  });

  test("in its region alone", async () => {
    const { arn } = aws.createSecret({ name: "s", value: "paris", region: "eu-west-3" });
    expect(arn).toMatch(/^arn:aws:secretsmanager:eu-west-3:/);
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId: "s" })))).toEqual(notFound());
    const paris = secretsClient(aws, { region: "eu-west-3" });
    expect((await paris.send(new GetSecretValueCommand({ SecretId: "s" }))).SecretString).toBe("paris");
  });

  test("of another account is denied; of no form is refused", async () => {
    const SecretId = `${place.replace("111122223333", "999999999999")}s-abcdef`;
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId })))).toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringMatching(/no resource-based policy allows the secretsmanager:GetSecretValue action$/),
    });
    const call = sm.send(new GetSecretValueCommand({ SecretId: "a b" }));
    expect(await refusal(call)).toMatchObject({ name: "ValidationException" });
  });
});

describe("GetSecretValue", () => {
  test("by stage, by version id, by both if they agree", async () => {
    const { versionId: one } = aws.createSecret({ name: "s", value: "1" });
    const two = (await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "2" }))).VersionId;
    const value = async (input: object): Promise<string | undefined> =>
      (await sm.send(new GetSecretValueCommand({ SecretId: "s", ...input }))).SecretString;
    expect(await value({})).toBe("2");
    expect(await value({ VersionStage: "AWSPREVIOUS" })).toBe("1");
    expect(await value({ VersionId: one })).toBe("1");
    expect(await value({ VersionId: two, VersionStage: "AWSCURRENT" })).toBe("2");
    expect(await refusal(value({ VersionId: one, VersionStage: "AWSCURRENT" }))).toEqual(
      refused(
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
      ),
    );
    const nobody = randomUUID();
    expect(await refusal(value({ VersionId: nobody }))).toEqual(notFound(` value for VersionId: ${nobody}`));
    expect(await refusal(value({ VersionStage: "AWSPENDING" }))).toEqual(
      notFound(" value for staging label: AWSPENDING"),
    );
    expect(await refusal(value({ VersionId: "short" }))).toMatchObject({ name: "ValidationException" });
  });
});

describe("PutSecretValue", () => {
  test("makes a version current, and the one before it the previous", async () => {
    const { versionId: one } = aws.createSecret({ name: "s", value: "1" });
    const put = await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretBinary: Buffer.from([2]) }));
    expect(put.VersionStages).toEqual(["AWSCURRENT"]);
    expect((await sm.send(new DescribeSecretCommand({ SecretId: "s" }))).VersionIdsToStages).toEqual({
      [one]: ["AWSPREVIOUS"],
      [put.VersionId ?? ""]: ["AWSCURRENT"],
    });
    expect((await sm.send(new GetSecretValueCommand({ SecretId: "s" }))).SecretBinary).toEqual(Uint8Array.of(2));
  });

  test("twice with one token and value is one version; with another value it is refused", async () => {
    const { arn } = aws.createSecret({ name: "s", value: "1" });
    const ClientRequestToken = randomUUID();
    const put = { SecretId: "s", SecretString: "2", ClientRequestToken };
    await sm.send(new PutSecretValueCommand(put));
    await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "3" }));
    expect((await sm.send(new PutSecretValueCommand(put))).VersionStages).toEqual(["AWSPREVIOUS"]);
    expect((await sm.send(new ListSecretVersionIdsCommand({ SecretId: "s" }))).Versions).toHaveLength(2);
    expect(await refusal(sm.send(new PutSecretValueCommand({ ...put, SecretString: "other" })))).toEqual(
      refused(
        "ResourceExistsException",
        `You can't use ClientRequestToken ${ClientRequestToken} because that value is already in use for a version of secret ${arn}.`,
      ),
    );
  });

  test("the first version is current, whatever its stages; without a value it is refused", async () => {
    await sm.send(new CreateSecretCommand({ Name: "s" }));
    expect(await refusal(sm.send(new PutSecretValueCommand({ SecretId: "s" })))).toEqual(
      refused("InvalidRequestException", "You must provide either SecretString or SecretBinary."),
    );
    const first = new PutSecretValueCommand({ SecretId: "s", SecretString: "1", VersionStages: ["AWSPENDING"] });
    expect((await sm.send(first)).VersionStages).toEqual(["AWSPENDING", "AWSCURRENT"]);
  });

  test("of 100 versions in a day there is no further one; a day later the oldest makes room", async () => {
    aws.createSecret({ name: "s", value: "0" });
    for (let n = 1; n < 100; n += 1) await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: `${n}` }));
    const put = new PutSecretValueCommand({ SecretId: "s", SecretString: "100" });
    expect(await refusal(sm.send(put))).toMatchObject({ name: "LimitExceededException", status: 400 });
    aws.setClockSkew(dayMs + 60_000);
    const later = secretsClient(aws, { systemClockOffset: dayMs + 60_000 });
    await later.send(put);
    const list = new ListSecretVersionIdsCommand({ SecretId: "s", IncludeDeprecated: true });
    expect((await later.send(list)).Versions).toHaveLength(100);
    expect((await later.send(new GetSecretValueCommand({ SecretId: "s" }))).SecretString).toBe("100");
  });
});

describe("UpdateSecret", () => {
  test("makes a version where it has a value, and changes the description where it has one", async () => {
    const { arn } = aws.createSecret({ name: "s", value: "1" });
    const described = await sm.send(new UpdateSecretCommand({ SecretId: "s", Description: "the app's" }));
    expect(described).toMatchObject({ ARN: arn, Name: "s" });
    expect(described.VersionId).toBeUndefined();
    const { VersionId } = await sm.send(new UpdateSecretCommand({ SecretId: arn, SecretString: "2" }));
    expect(await sm.send(new GetSecretValueCommand({ SecretId: "s" }))).toMatchObject({ VersionId, SecretString: "2" });
    expect(await sm.send(new DescribeSecretCommand({ SecretId: "s" }))).toMatchObject({ Description: "the app's" });
  });

  test("encrypts the versions in use under another key", async () => {
    const { versionId: one } = aws.createSecret({ name: "s", value: "1" });
    const two = (await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "2" }))).VersionId ?? "";
    const three = (await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "3" }))).VersionId ?? "";
    const { arn: KmsKeyId } = aws.createKey();
    await sm.send(new UpdateSecretCommand({ SecretId: "s", KmsKeyId }));
    const list = new ListSecretVersionIdsCommand({ SecretId: "s", IncludeDeprecated: true });
    const keys = (await sm.send(list)).Versions?.map((version) => [version.VersionId, version.KmsKeyIds]);
    expect(Object.fromEntries(keys as [string, string[]][])).toEqual({
      [one]: ["DefaultEncryptionKey"],
      [two]: [KmsKeyId],
      [three]: [KmsKeyId],
    });
    expect((await sm.send(new DescribeSecretCommand({ SecretId: "s" }))).KmsKeyId).toBe(KmsKeyId);
    for (const [VersionId, value] of [one, two, three].map((id, index) => [id, String(index + 1)])) {
      expect((await sm.send(new GetSecretValueCommand({ SecretId: "s", VersionId }))).SecretString).toBe(value);
    }
    await sm.send(new UpdateSecretCommand({ SecretId: "s", KmsKeyId: "" }));
    expect((await sm.send(new DescribeSecretCommand({ SecretId: "s" }))).KmsKeyId).toBeUndefined();
  });

  test("that fails halfway changes nothing", async () => {
    aws.createSecret({ name: "s", value: "1" });
    const call = sm.send(
      new UpdateSecretCommand({ SecretId: "s", Description: "new", SecretString: "2", KmsKeyId: "alias/nope" }),
    );
    expect(await refusal(call)).toMatchObject({ name: "EncryptionFailure" });
    const described = await sm.send(new DescribeSecretCommand({ SecretId: "s" }));
    expect(described.Description).toBeUndefined();
    expect(Object.keys(described.VersionIdsToStages ?? {})).toHaveLength(1);
    expect((await sm.send(new GetSecretValueCommand({ SecretId: "s" }))).SecretString).toBe("1");
  });
});

describe("DescribeSecret", () => {
  test("tells when the secret was made and last changed, not its value", async () => {
    aws.createSecret({ name: "s", value: "hunter2" });
    aws.setClockSkew(60_000);
    const later = secretsClient(aws);
    await later.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "2" }));
    const told = await later.send(new DescribeSecretCommand({ SecretId: "s" }));
    const { CreatedDate, LastChangedDate, LastRotatedDate } = told;
    expect((LastChangedDate?.getTime() ?? 0) - (CreatedDate?.getTime() ?? 0)).toBeGreaterThanOrEqual(59_000);
    expect(LastRotatedDate).toBeUndefined();
    expect(JSON.stringify(told)).not.toContain("hunter2");
  });
});

describe("DeleteSecret", () => {
  test("marks it: every use is refused until it is restored", async () => {
    const { arn, versionId } = aws.createSecret({ name: "s", value: "1" });
    const marked = await sm.send(new DeleteSecretCommand({ SecretId: "s", RecoveryWindowInDays: 7 }));
    expect(marked).toMatchObject({ ARN: arn, Name: "s" });
    expect(((marked.DeletionDate?.getTime() ?? 0) - Date.now()) / dayMs).toBeCloseTo(7, 2);
    const SecretId = "s";
    const calls = [
      sm.send(new GetSecretValueCommand({ SecretId })),
      sm.send(new GetSecretValueCommand({ SecretId, VersionId: versionId })),
      sm.send(new PutSecretValueCommand({ SecretId, SecretString: "2" })),
      sm.send(new UpdateSecretCommand({ SecretId, SecretString: "2" })),
      sm.send(new DeleteSecretCommand({ SecretId })),
    ];
    for (const call of calls) expect(await refusal(call)).toEqual(deleted);
    expect((await sm.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toBeInstanceOf(Date);
    expect(await refusal(sm.send(new CreateSecretCommand({ Name: "s", SecretString: "2" })))).toMatchObject({
      name: "InvalidRequestException",
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    expect((await sm.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    expect((await sm.send(new ListSecretsCommand({ IncludePlannedDeletion: true }))).SecretList).toHaveLength(1);
    expect(await sm.send(new RestoreSecretCommand({ SecretId }))).toMatchObject({ ARN: arn, Name: "s" });
    expect((await sm.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe("1");
  });

  test("its window over (30 days if none is given), it is gone", async () => {
    aws.createSecret({ name: "s", value: "1" });
    await sm.send(new DeleteSecretCommand({ SecretId: "s" }));
    const afterMs = async (skewMs: number): Promise<object> => {
      aws.setClockSkew(skewMs);
      const later = secretsClient(aws, { systemClockOffset: skewMs });
      return refusal(later.send(new GetSecretValueCommand({ SecretId: "s" })));
    };
    expect(await afterMs(30 * dayMs - 60_000)).toEqual(deleted);
    expect(await afterMs(30 * dayMs + 60_000)).toEqual(notFound());
  });

  test("at once, also where there is none; a secret of the same name has another ARN", async () => {
    const { arn } = aws.createSecret({ name: "s", value: "1" });
    const force = new DeleteSecretCommand({ SecretId: "s", ForceDeleteWithoutRecovery: true });
    await sm.send(force);
    await sm.send(force);
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId: "s" })))).toEqual(notFound());
    expect(aws.createSecret({ name: "s", value: "2" }).arn).not.toBe(arn);
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId: arn })))).toEqual(notFound());
  });

  test.each([
    { RecoveryWindowInDays: 6 },
    { RecoveryWindowInDays: 31 },
    { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
  ])("refuses %j", async (input) => {
    aws.createSecret({ name: "s", value: "1" });
    const call = sm.send(new DeleteSecretCommand({ SecretId: "s", ...input }));
    expect(await refusal(call)).toMatchObject({ name: "InvalidParameterException", status: 400 });
  });
});

describe("lists", () => {
  test("of secrets, in pages", async () => {
    for (const name of ["c", "a", "b"]) aws.createSecret({ name, value: "x" });
    aws.createSecret({ name: "paris", value: "x", region: "eu-west-3" });
    const pages: (string | undefined)[][] = [];
    for await (const { SecretList = [] } of paginateListSecrets({ client: sm, pageSize: 2 }, {})) {
      pages.push(SecretList.map(({ Name }) => Name));
    }
    expect(pages).toEqual([["a", "b"], ["c"]]);
    const { SecretList } = await sm.send(new ListSecretsCommand({ MaxResults: 1 }));
    expect(Object.values(SecretList?.[0]?.SecretVersionsToStages ?? {})).toEqual([["AWSCURRENT"]]);
    const token = sm.send(new ListSecretsCommand({ NextToken: "%%%" }));
    expect(await refusal(token)).toMatchObject({ name: "InvalidNextTokenException" });
    const filtered = sm.send(new ListSecretsCommand({ Filters: [{ Key: "name", Values: ["a"] }] }));
    expect(await refusal(filtered)).toMatchObject({ name: "UnsupportedOperationException" });
  });

  test("of versions: those without a stage only if asked for", async () => {
    aws.createSecret({ name: "s", value: "1" });
    for (const value of ["2", "3"]) await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: value }));
    const count = async (input: object): Promise<number | undefined> =>
      (await sm.send(new ListSecretVersionIdsCommand({ SecretId: "s", ...input }))).Versions?.length;
    expect(await count({})).toBe(2);
    expect(await count({ IncludeDeprecated: true })).toBe(3);
    const first = await sm.send(new ListSecretVersionIdsCommand({ SecretId: "s", MaxResults: 1 }));
    expect(first.Versions).toHaveLength(1);
    expect(await count({ NextToken: first.NextToken })).toBe(1);
  });
});
