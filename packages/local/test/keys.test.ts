import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  ListAliasesCommand,
  ListKeysCommand,
  paginateListKeys,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { client, refusal } from "./client.ts";

let aws: LocalAws;
let kms: ReturnType<typeof client>;
beforeEach(async () => {
  aws = await startLocalAws();
  kms = client(aws);
});
afterEach(async () => {
  kms.destroy();
  await aws.stop();
});

const Plaintext = new TextEncoder().encode("hunter2");
const nobody = "00000000-0000-4000-8000-000000000000";
const place = "arn:aws:kms:us-east-1:111122223333";
const notFound = (message: string): object => ({ name: "NotFoundException", message, status: 400 });

describe("CreateKey", () => {
  test("makes an enabled symmetric key", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: "the app's" }));
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: "111122223333",
      Arn: `${place}:key/${KeyMetadata?.KeyId}`,
      Description: "the app's",
      Enabled: true,
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      KeyManager: "CUSTOMER",
      KeySpec: "SYMMETRIC_DEFAULT",
      KeyState: "Enabled",
      KeyUsage: "ENCRYPT_DECRYPT",
      MultiRegion: false,
      Origin: "AWS_KMS",
    });
    expect(Math.abs((KeyMetadata?.CreationDate?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
    const described = await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(described.KeyMetadata).toEqual(KeyMetadata);
  });

  test("takes tags, with AWS's rules", async () => {
    await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: "team", TagValue: "" }] }));
    const reserved = new CreateKeyCommand({ Tags: [{ TagKey: "aws:team", TagValue: "a" }] });
    expect(await refusal(kms.send(reserved))).toMatchObject({ name: "TagException" });
  });

  test.each([{ KeySpec: "RSA_2048" as const }, { KeyUsage: "SIGN_VERIFY" as const }, { Origin: "EXTERNAL" as const }])(
    "refuses what is not built: %j",
    async (input) => {
      const call = kms.send(new CreateKeyCommand(input));
      expect(await refusal(call)).toMatchObject({ name: "UnsupportedOperationException", status: 400 });
    },
  );
});

describe("a key that is not there", () => {
  const missing: readonly (readonly [string, string])[] = [
    [nobody, `Key '${place}:key/${nobody}' does not exist`],
    [`${place}:key/${nobody}`, `Key '${place}:key/${nobody}' does not exist`],
    ["alias/nope", `Alias ${place}:alias/nope is not found.`],
    [`${place}:alias/nope`, `Alias ${place}:alias/nope is not found.`],
    ["fake-key-id", "Invalid keyId 'fake-key-id'"],
    [`arn:aws:kms:eu-west-1:111122223333:key/${nobody}`, "Invalid arn eu-west-1"],
    ["arn:aws:kms:eu-west-1:111122223333:alias/app", "Invalid arn eu-west-1"],
  ];
  test.each(missing)("%s", async (KeyId, message) => {
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId })))).toEqual(notFound(message));
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toEqual(notFound(message));
  });

  test("another account's is denied", async () => {
    const KeyId = `arn:aws:kms:us-east-1:999999999999:key/${nobody}`;
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toEqual({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::111122223333:assumed-role/local/local is not authorized to perform: kms:Encrypt on resource: ${KeyId} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      status: 400,
    });
  });
});

describe("regions", () => {
  test("have keys of their own", async () => {
    const { arn, keyId } = aws.createKey();
    const paris = client(aws, { region: "eu-west-3" });
    const { KeyMetadata } = await paris.send(new CreateKeyCommand({}));
    expect(KeyMetadata?.Arn).toMatch(/^arn:aws:kms:eu-west-3:111122223333:key/);
    expect(await refusal(paris.send(new DescribeKeyCommand({ KeyId: arn })))).toEqual(
      notFound("Invalid arn us-east-1"),
    );
    const here = `arn:aws:kms:eu-west-3:111122223333:key/${keyId}`;
    const message = `Key '${here}' does not exist`;
    expect(await refusal(paris.send(new DescribeKeyCommand({ KeyId: keyId })))).toEqual(notFound(message));
  });

  test("of China and GovCloud have ARNs of their own partition", async () => {
    const arns = ["cn-north-1", "us-gov-west-1"].map((region) => aws.createKey({ region }).arn.slice(0, 15));
    expect(arns).toEqual(["arn:aws-cn:kms:", "arn:aws-us-gov:"]);
  });

  test("a ciphertext of another region does not read", async () => {
    const { arn } = aws.createKey();
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: arn, Plaintext }));
    const call = client(aws, { region: "eu-west-3" }).send(new DecryptCommand({ CiphertextBlob }));
    expect(await refusal(call)).toMatchObject({ name: "InvalidCiphertextException" });
  });

  test("share a multi-Region key: each replica decrypts in its own region, by its own ARN", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }));
    expect(KeyMetadata?.KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    const KeyId = KeyMetadata?.Arn;
    const replicate = new ReplicateKeyCommand({ KeyId, ReplicaRegion: "eu-west-3" });
    const { ReplicaKeyMetadata } = await kms.send(replicate);
    expect(ReplicaKeyMetadata).toMatchObject({
      KeyId: KeyMetadata?.KeyId,
      Arn: KeyId?.replace("us-east-1", "eu-west-3"),
      MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", PrimaryKey: { Arn: KeyId, Region: "us-east-1" } },
    });
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
    const paris = client(aws, { region: "eu-west-3" });
    const opened = await paris.send(new DecryptCommand({ CiphertextBlob, KeyId: ReplicaKeyMetadata?.Arn }));
    expect(opened.KeyId).toBe(ReplicaKeyMetadata?.Arn);
    expect(Buffer.from(opened.Plaintext as Uint8Array).toString()).toBe("hunter2");
    const wrong = paris.send(new DecryptCommand({ CiphertextBlob, KeyId }));
    expect(await refusal(wrong)).toEqual(notFound("Invalid arn us-east-1"));
    expect(await refusal(kms.send(replicate))).toMatchObject({ name: "AlreadyExistsException" });
  });

  test("only a primary key can be replicated", async () => {
    const call = kms.send(new ReplicateKeyCommand({ KeyId: aws.createKey().arn, ReplicaRegion: "eu-west-3" }));
    expect(await refusal(call)).toMatchObject({ name: "UnsupportedOperationException" });
  });
});

describe("a key's state", () => {
  test("disabled, it refuses every use until it is enabled", async () => {
    const { arn: KeyId } = aws.createKey();
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    const disabled = { name: "DisabledException", message: `${KeyId} is disabled.`, status: 400 };
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toEqual(disabled);
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toEqual(disabled);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ Enabled: false, KeyState: "Disabled" });
    await kms.send(new EnableKeyCommand({ KeyId }));
    await kms.send(new DecryptCommand({ CiphertextBlob }));
  });

  test("pending deletion, it refuses every use and change; cancelled, it is disabled", async () => {
    const { arn: KeyId } = aws.createKey();
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyId, KeyState: "PendingDeletion", PendingWindowInDays: 7 });
    const days = ((scheduled.DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 2);
    const pending = { name: "KMSInvalidStateException", message: `${KeyId} is pending deletion.`, status: 400 };
    const calls = [
      kms.send(new DecryptCommand({ CiphertextBlob })),
      kms.send(new EncryptCommand({ KeyId, Plaintext })),
      kms.send(new EnableKeyCommand({ KeyId })),
      kms.send(new DisableKeyCommand({ KeyId })),
      kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
      kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: KeyId })),
    ];
    for (const call of calls) expect(await refusal(call)).toEqual(pending);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: "PendingDeletion", DeletionDate: scheduled.DeletionDate });

    expect((await kms.send(new CancelKeyDeletionCommand({ KeyId }))).KeyId).toBe(KeyId);
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject({
      name: "DisabledException",
    });
    expect(await refusal(kms.send(new CancelKeyDeletionCommand({ KeyId })))).toEqual({
      ...pending,
      message: `${KeyId} is not pending deletion.`,
    });
  });

  test("its time over, it is gone for good, and its aliases with it", async () => {
    const { arn: KeyId, keyId } = aws.createKey({ alias: "alias/app" });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    aws.setClockSkew(30 * 86_400_000 + 1000);
    const later = client(aws, { systemClockOffset: 30 * 86_400_000 + 1000 });
    const message = `Key '${place}:key/${keyId}' does not exist`;
    expect(await refusal(later.send(new DescribeKeyCommand({ KeyId })))).toEqual(notFound(message));
    expect((await later.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
  });

  test.each([6, 31])("a waiting period of %d days is refused", async (PendingWindowInDays) => {
    const command = new ScheduleKeyDeletionCommand({ KeyId: aws.createKey().arn, PendingWindowInDays });
    expect(await refusal(kms.send(command))).toMatchObject({ name: "ValidationException", status: 400 });
  });

  test("cannot be changed by an alias", async () => {
    aws.createKey({ alias: "alias/app" });
    const call = kms.send(new DisableKeyCommand({ KeyId: "alias/app" }));
    expect(await refusal(call)).toEqual(notFound("Invalid keyId 'alias/app'"));
  });
});

describe("aliases", () => {
  test("lead to a key, to another, and away", async () => {
    const [one, two] = [aws.createKey(), aws.createKey()];
    const AliasName = "alias/app/db_1";
    const arnOf = async (): Promise<string | undefined> =>
      (await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.Arn;
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one.keyId }));
    expect(await arnOf()).toBe(one.arn);
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two.arn }));
    expect(await arnOf()).toBe(two.arn);
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await refusal(arnOf())).toEqual(notFound(`Alias ${place}:${AliasName} is not found.`));
  });

  test("that are there, that are not", async () => {
    const { keyId: TargetKeyId } = aws.createKey({ alias: "alias/app" });
    expect(await refusal(kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId })))).toEqual({
      name: "AlreadyExistsException",
      message: `An alias with the name ${place}:alias/app already exists`,
      status: 400,
    });
    const gone = notFound(`Alias ${place}:alias/x is not found.`);
    expect(await refusal(kms.send(new UpdateAliasCommand({ AliasName: "alias/x", TargetKeyId })))).toEqual(gone);
    expect(await refusal(kms.send(new DeleteAliasCommand({ AliasName: "alias/x" })))).toEqual(gone);
  });

  test.each([
    ["app", "ValidationException"],
    ["alias/", "ValidationException"],
    ["alias/a b", "ValidationException"],
    ["alias/a:b", "ValidationException"],
    [`alias/${"a".repeat(251)}`, "ValidationException"],
    ["alias/aws/kms", "NotAuthorizedException"],
  ])("are not called %s", async (AliasName, name) => {
    const call = kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: aws.createKey().keyId }));
    expect(await refusal(call)).toMatchObject({ name, status: 400 });
  });

  test("do not lead to aliases", async () => {
    aws.createKey({ alias: "alias/app" });
    const call = kms.send(new CreateAliasCommand({ AliasName: "alias/two", TargetKeyId: "alias/app" }));
    expect(await refusal(call)).toMatchObject({ message: "Aliases must refer to keys. Not aliases" });
  });
});

describe("lists", () => {
  test("of keys come in pages", async () => {
    const made = Array.from({ length: 7 }, () => aws.createKey());
    aws.createKey({ region: "eu-west-3" });
    const pages: number[] = [];
    const listed: unknown[] = [];
    for await (const { Keys = [] } of paginateListKeys({ client: kms, pageSize: 3 }, {})) {
      pages.push(Keys.length);
      listed.push(...Keys);
    }
    expect(pages).toEqual([3, 3, 1]);
    expect(listed).toHaveLength(7);
    expect(listed).toEqual(expect.arrayContaining(made.map(({ keyId, arn }) => ({ KeyId: keyId, KeyArn: arn }))));
  });

  test("of aliases, of all keys or of one", async () => {
    const one = aws.createKey({ alias: "alias/b" });
    aws.createKey({ alias: "alias/a" });
    const all = await kms.send(new ListAliasesCommand({}));
    expect(all.Aliases?.map(({ AliasName }) => AliasName)).toEqual(["alias/a", "alias/b"]);
    expect(all.Truncated).toBe(false);
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: one.arn }));
    expect(Aliases).toMatchObject([{ AliasArn: `${place}:alias/b`, AliasName: "alias/b", TargetKeyId: one.keyId }]);
    const first = await kms.send(new ListAliasesCommand({ Limit: 1 }));
    const second = await kms.send(new ListAliasesCommand({ Limit: 1, Marker: first.NextMarker }));
    expect([first, second].map(({ Aliases: page }) => page?.[0]?.AliasName)).toEqual(["alias/a", "alias/b"]);
  });

  test("refuse a limit or a marker that is none", async () => {
    expect(await refusal(kms.send(new ListKeysCommand({ Limit: 1001 })))).toMatchObject({
      name: "ValidationException",
    });
    expect(await refusal(kms.send(new ListAliasesCommand({ Limit: 101 })))).toMatchObject({
      name: "ValidationException",
    });
    const marker = new ListKeysCommand({ Marker: "%%%" });
    expect(await refusal(kms.send(marker))).toMatchObject({ name: "InvalidMarkerException" });
  });
});
