import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, GetParametersCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LocalAws, type LocalKey, startLocalAws } from "../src/index.ts";
import { client, refusal, secretsClient, ssmClient } from "./client.ts";

let aws: LocalAws;
let key: LocalKey;
let kms: ReturnType<typeof client>;
let sm: ReturnType<typeof secretsClient>;
let ssm: ReturnType<typeof ssmClient>;
async function start(folder?: string): Promise<void> {
  aws = await startLocalAws(folder === undefined ? {} : { folder });
  key = aws.createKey({ alias: "alias/app" });
  [kms, sm, ssm] = [client(aws), secretsClient(aws), ssmClient(aws)];
}
beforeEach(() => start());
afterEach(() => aws.stop());

const checks = (): unknown[] => aws.checks.map(({ action, resource, context }) => [action, resource, context]);
const viaSecretsManager = (SecretARN: string, SecretVersionId: string): object => ({
  "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
  "kms:EncryptionContext:SecretARN": SecretARN,
  "kms:EncryptionContext:SecretVersionId": SecretVersionId,
  "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
  "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
});
const viaSsm = (name: string): object => ({
  "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
  "kms:EncryptionContext:PARAMETER_ARN": `arn:aws:ssm:us-east-1:111122223333:parameter${name}`,
  "kms:EncryptionContextKeys": ["PARAMETER_ARN"],
  "kms:ViaService": "ssm.us-east-1.amazonaws.com",
});

describe("behind Secrets Manager", () => {
  test("reading needs the secret, and with a customer key kms:Decrypt in the service's context", async () => {
    const { arn, versionId } = aws.createSecret({ name: "s", value: "x", kmsKeyId: key.arn });
    await sm.send(new GetSecretValueCommand({ SecretId: "s", VersionStage: "AWSCURRENT", VersionId: versionId }));
    expect(checks()).toEqual([
      [
        "secretsmanager:GetSecretValue",
        arn,
        {
          "secretsmanager:SecretId": "s",
          "secretsmanager:VersionStage": "AWSCURRENT",
          "secretsmanager:VersionId": versionId,
        },
      ],
      ["kms:Decrypt", key.arn, viaSecretsManager(arn, versionId)],
    ]);
    expect(new Set(aws.checks.map(({ requestId }) => requestId))).toEqual(new Set([aws.calls[0]?.requestId]));
    expect(aws.calls.map(({ service, operation }) => [service, operation])).toEqual([
      ["secretsmanager", "GetSecretValue"],
    ]);
  });

  test("with the AWS-managed key it needs nothing of KMS", async () => {
    const { arn } = aws.createSecret({ name: "s", value: "x" });
    aws.deny({ action: "kms:*" });
    await sm.send(new GetSecretValueCommand({ SecretId: "s" }));
    await sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "y" }));
    expect(checks().map((check) => (check as unknown[]).slice(0, 2))).toEqual([
      ["secretsmanager:GetSecretValue", arn],
      ["secretsmanager:PutSecretValue", arn],
    ]);
  });

  test("creating tries the key first, then encrypts", async () => {
    const made = await sm.send(new CreateSecretCommand({ Name: "s", SecretString: "x", KmsKeyId: key.arn }));
    const [arn, id] = [made.ARN ?? "", made.VersionId ?? ""];
    expect(checks()).toEqual([
      ["secretsmanager:CreateSecret", arn, { "secretsmanager:Name": "s", "secretsmanager:KmsKeyId": key.arn }],
      ["kms:GenerateDataKey", key.arn, viaSecretsManager(arn, "RequestToValidateKeyAccess")],
      ["kms:Decrypt", key.arn, viaSecretsManager(arn, "RequestToValidateKeyAccess")],
      ["kms:GenerateDataKey", key.arn, viaSecretsManager(arn, id)],
    ]);
  });

  test("tags are a permission of their own; those there are stand in every check", async () => {
    await sm.send(new CreateSecretCommand({ Name: "s", Tags: [{ Key: "team", Value: "a" }] }));
    const tags = { "aws:RequestTag/team": "a", "aws:TagKeys": ["team"] };
    expect(aws.checks).toMatchObject([
      { action: "secretsmanager:CreateSecret", context: tags },
      { action: "secretsmanager:TagResource", context: tags },
    ]);
    await sm.send(new UpdateSecretCommand({ SecretId: "s", Description: "x" }));
    expect(aws.checks.at(-1)?.context).toMatchObject({ "aws:ResourceTag/team": "a" });
  });

  test("a secret that is not there: permission is asked first, on what was named", async () => {
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId: "nope" })))).toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(aws.checks).toMatchObject([{ resource: "nope", allowed: true }]);
    aws.deny({ action: "secretsmanager:*" });
    expect(await refusal(sm.send(new GetSecretValueCommand({ SecretId: "nope" })))).toMatchObject({
      name: "AccessDeniedException",
    });
  });

  test("a key that is denied, disabled or pending deletion", async () => {
    aws.createSecret({ name: "s", value: "x", kmsKeyId: key.arn });
    const get = (): Promise<unknown> => sm.send(new GetSecretValueCommand({ SecretId: "s" }));
    const put = (): Promise<unknown> => sm.send(new PutSecretValueCommand({ SecretId: "s", SecretString: "y" }));
    const end = aws.deny({ action: "kms:*", resource: key.arn });
    const denied = { name: "AccessDeniedException", message: "Access to KMS is not allowed", status: 400 };
    expect(await refusal(get())).toEqual(denied);
    expect(await refusal(put())).toEqual(denied);
    end();
    const locked = [
      {
        name: "DecryptionFailure",
        message: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        status: 400,
      },
      {
        name: "EncryptionFailure",
        message:
          "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
        status: 400,
      },
    ];
    for (const lock of [
      new DisableKeyCommand({ KeyId: key.arn }),
      new ScheduleKeyDeletionCommand({ KeyId: key.arn }),
    ]) {
      await kms.send(lock as DisableKeyCommand);
      expect([await refusal(get()), await refusal(put())]).toEqual(locked);
    }
  });
});

describe("behind SSM", () => {
  test("a SecureString needs its own action, and with a customer key KMS's in the parameter's context", async () => {
    const put = { Name: "/a", Value: "x", Type: "SecureString" as const, KeyId: "alias/app" };
    await ssm.send(new PutParameterCommand(put));
    await ssm.send(new GetParameterCommand({ Name: "/a", WithDecryption: true }));
    await ssm.send(new GetParameterCommand({ Name: "/a" }));
    const arn = "arn:aws:ssm:us-east-1:111122223333:parameter/a";
    expect(checks()).toEqual([
      ["ssm:PutParameter", arn, { "ssm:Overwrite": "false" }],
      ["kms:Encrypt", key.arn, { ...viaSsm("/a"), "kms:RequestAlias": "alias/app" }],
      ["ssm:GetParameter", arn, {}],
      ["kms:Decrypt", key.arn, viaSsm("/a")],
      ["ssm:GetParameter", arn, {}],
    ]);
  });

  test("of the advanced tier it is encrypted under a data key", async () => {
    const put = { Name: "/a", Value: "x", Type: "SecureString" as const, KeyId: key.arn, Tier: "Advanced" as const };
    await ssm.send(new PutParameterCommand(put));
    await ssm.send(new GetParametersCommand({ Names: ["/a"], WithDecryption: true }));
    expect(checks().map((check) => (check as unknown[])[0])).toEqual([
      "ssm:PutParameter",
      "kms:GenerateDataKey",
      "ssm:GetParameters",
      "kms:Decrypt",
    ]);
  });

  test("with the AWS-managed key, or for a String, it needs nothing of KMS", async () => {
    aws.putParameter({ name: "/a", value: "x" });
    aws.putParameter({ name: "/b", value: "x", type: "String" });
    aws.deny({ action: "kms:*" });
    await ssm.send(new GetParametersCommand({ Names: ["/a", "/b"], WithDecryption: true }));
    await ssm.send(new PutParameterCommand({ Name: "/a", Value: "y", Overwrite: true }));
    expect(checks().filter((check) => String((check as unknown[])[0]).startsWith("kms:"))).toEqual([]);
  });

  test("a key that is denied or disabled", async () => {
    aws.putParameter({ name: "/a", value: "x", keyId: key.arn });
    aws.putParameter({ name: "/b", value: "x" });
    const get = (): Promise<unknown> =>
      ssm.send(new GetParametersCommand({ Names: ["/b", "/a"], WithDecryption: true }));
    const end = aws.deny({ action: "kms:Decrypt" });
    expect(await refusal(get())).toEqual({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::111122223333:assumed-role/local/local is not authorized to perform: kms:Decrypt on resource: ${key.arn} because no identity-based policy allows the kms:Decrypt action (Service: Kms, Status Code: 400)`,
      status: 400,
    });
    end();
    await kms.send(new DisableKeyCommand({ KeyId: key.arn }));
    expect(await refusal(get())).toEqual({
      name: "InvalidKeyId",
      message: `${key.arn} is disabled. (Service: Kms, Status Code: 400)`,
      status: 400,
    });
    await ssm.send(new GetParameterCommand({ Name: "/a" })); // its ciphertext needs no key
  });
});

describe("AWS-managed keys", () => {
  test("are made when a service first needs them, one a region, and are told as AWS's", async () => {
    const aliases = async (config = {}): Promise<unknown> =>
      (await client(aws, config).send(new ListAliasesCommand({}))).Aliases?.map(({ AliasName }) => AliasName);
    expect(await aliases()).toEqual(["alias/app"]);
    aws.createSecret({ name: "s", value: "x" });
    aws.createSecret({ name: "t", value: "x" });
    aws.putParameter({ name: "/a", value: "x", region: "eu-west-3" });
    expect(await aliases()).toEqual(["alias/app", "alias/aws/secretsmanager"]);
    expect(await aliases({ region: "eu-west-3" })).toEqual(["alias/aws/ssm"]);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/secretsmanager" }));
    expect(KeyMetadata).toMatchObject({ KeyManager: "AWS", Enabled: true });
  });

  test("are for their service alone, and nobody changes them", async () => {
    aws.createSecret({ name: "s", value: "x" });
    aws.putParameter({ name: "/a", value: "x" });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/ssm" }));
    const KeyId = KeyMetadata?.Arn;
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: "/a" }));
    const EncryptionContext = { PARAMETER_ARN: Parameter?.ARN ?? "" };
    const CiphertextBlob = Buffer.from(Parameter?.Value ?? "", "base64");
    const calls = [
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })),
      kms.send(new EncryptCommand({ KeyId: "alias/aws/ssm", Plaintext: CiphertextBlob })),
      kms.send(new DisableKeyCommand({ KeyId })),
      kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
      kms.send(new CreateAliasCommand({ AliasName: "alias/mine", TargetKeyId: KeyId })),
      sm.send(new CreateSecretCommand({ Name: "t", SecretString: "x", KmsKeyId: "alias/aws/ssm" })),
    ];
    for (const call of calls) expect(await refusal(call)).toMatchObject({ name: "AccessDeniedException" });
    await ssm.send(new GetParameterCommand({ Name: "/a", WithDecryption: true }));
  });

  test("a ciphertext belongs to its parameter: copied, it does not open", async () => {
    aws.putParameter({ name: "/a", value: "x", keyId: key.arn });
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: "/a" }));
    const CiphertextBlob = Buffer.from(Parameter?.Value ?? "", "base64");
    const other = Parameter?.ARN?.replace("/a", "/b") ?? "";
    const wrong = new DecryptCommand({ CiphertextBlob, EncryptionContext: { PARAMETER_ARN: other } });
    expect(await refusal(kms.send(wrong))).toMatchObject({ name: "InvalidCiphertextException" });
    const right = new DecryptCommand({ CiphertextBlob, EncryptionContext: { PARAMETER_ARN: Parameter?.ARN ?? "" } });
    expect(Buffer.from((await kms.send(right)).Plaintext ?? []).toString()).toBe("x");
  });
});

describe("values", () => {
  const canary = "canary-7f3a9c";
  const forms = (["utf8", "base64", "hex"] as const).map((form) =>
    Buffer.from(canary).toString(form).replaceAll("=", "").slice(0, -2),
  );

  test("stand in no log and no file, are there after a restart, and no error quotes them", async () => {
    await aws.stop();
    const root = mkdtempSync(join(tmpdir(), "local-aws-"));
    const folder = join(root, "state");
    try {
      await start(folder);
      const SecretBinary = Buffer.from(canary);
      await sm.send(new CreateSecretCommand({ Name: "text", SecretString: canary, KmsKeyId: key.arn }));
      await sm.send(new CreateSecretCommand({ Name: "bytes", SecretBinary, Description: "x" }));
      await sm.send(new PutSecretValueCommand({ SecretId: "bytes", SecretBinary }));
      await sm.send(new UpdateSecretCommand({ SecretId: "text", SecretString: `${canary}2` }));
      for (const Type of ["String", "StringList", "SecureString"] as const) {
        await ssm.send(new PutParameterCommand({ Name: `/${Type}`, Value: canary, Type }));
      }
      const advanced = { Name: "/large", Value: canary.repeat(400), Type: "SecureString" as const };
      await ssm.send(new PutParameterCommand({ ...advanced, Tier: "Advanced" }));
      const refusals = [
        await refusal(ssm.send(new PutParameterCommand(advanced))),
        await refusal(ssm.send(new PutParameterCommand({ ...advanced, Name: "/new", Value: canary.repeat(1000) }))),
        await refusal(sm.send(new CreateSecretCommand({ Name: "text", SecretString: `${canary}3` }))),
        await refusal(sm.send(new CreateSecretCommand({ Name: "new", SecretString: canary.repeat(6000) }))),
      ];
      await sm.send(new GetSecretValueCommand({ SecretId: "text" }));
      await ssm.send(new GetParameterCommand({ Name: "/String" }));
      const logs = JSON.stringify([aws.calls, aws.checks, refusals]);
      const file = readFileSync(join(folder, "state.json"), "utf8");
      for (const form of forms) {
        expect(logs).not.toContain(form);
        expect(file).not.toContain(form);
      }
      await aws.stop();
      aws = await startLocalAws({ folder });
      const secret = await secretsClient(aws).send(new GetSecretValueCommand({ SecretId: "text" }));
      expect(secret.SecretString).toBe(`${canary}2`);
      const { Parameter } = await ssmClient(aws).send(
        new GetParameterCommand({ Name: "/large", WithDecryption: true }),
      );
      expect(Parameter?.Value).toBe(advanced.Value);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test("calls tell what was asked for: names, stages, versions", async () => {
    aws.createSecret({ name: "s", value: "x" });
    await sm.send(new GetSecretValueCommand({ SecretId: "s", VersionStage: "AWSCURRENT" }));
    await ssm.send(new GetParametersCommand({ Names: ["/a:3"], WithDecryption: true }));
    expect(aws.calls).toMatchObject([
      { service: "secretsmanager", input: { SecretId: "s", VersionStage: "AWSCURRENT" }, status: 200 },
      { service: "ssm", input: { Names: ["/a:3"], WithDecryption: true }, status: 200 },
    ]);
  });

  test("what a helper makes is refused as AWS would, and stands in no log", () => {
    aws.createSecret({ name: "s", value: "x" });
    expect(() => aws.createSecret({ name: "s", value: "y" })).toThrow("already exists");
    expect(() => aws.putParameter({ name: "/aws/a", value: "y" })).toThrow("No access to reserved parameter name");
    expect([aws.calls, aws.checks]).toEqual([[], []]);
  });
});
