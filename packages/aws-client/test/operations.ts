import fc from "fast-check";
import type { Service } from "../src/index.ts";

// Inputs within the bounds of the services' models. Text is any Unicode where the model allows any.

const some = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[]) =>
  fc.record(members, { requiredKeys: required });
const text = (min: number, max: number) =>
  fc.string({ unit: "grapheme", minLength: min, maxLength: Math.min(max, 40) });
const base64 = (min: number, max: number) =>
  fc
    .uint8Array({ minLength: min, maxLength: Math.min(max, 200) })
    .map((bytes) => Buffer.from(bytes).toString("base64"));
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const uuid = fc.uuid();
const account = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 12, maxLength: 12 });
const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,30}$/);

// https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
const keyId = fc.oneof(
  fc.tuple(account, uuid).map(([id, key]) => `arn:aws:kms:us-east-1:${id}:key/${key}`),
  fc.tuple(account, hex(32)).map(([id, key]) => `arn:aws:kms:us-east-1:${id}:key/mrk-${key}`),
  fc.tuple(account, word).map(([id, name]) => `arn:aws:kms:us-east-1:${id}:alias/${name}`),
);
const EncryptionContext = fc.dictionary(text(1, 100), text(0, 100), { maxKeys: 4, noNullPrototype: true });
const DryRun = fc.boolean();

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
const SecretId = fc.oneof(
  word,
  fc.tuple(account, word).map(([id, name]) => `arn:aws:secretsmanager:us-east-1:${id}:secret:${name}-AbCdEf`),
);
const VersionStages = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
const Tags = fc.array(some({ Key: text(1, 128), Value: text(0, 256) }, ["Key", "Value"]), { maxLength: 3 });
const secretValue = fc.oneof(
  fc.record({ SecretString: text(1, 65_536) }),
  fc.record({ SecretBinary: base64(1, 65_536) }),
);

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations_Amazon_Simple_Systems_Manager.html
const parameter = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
  fc.tuple(word, fc.integer({ min: 1 })).map(([name, version]) => `${name}:${version}`),
  fc.tuple(account, word).map(([id, name]) => `arn:aws:ssm:us-east-1:${id}:parameter/${name}`),
);
const WithDecryption = fc.boolean();

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
const number = fc.oneof(fc.integer().map(String), fc.double({ noNaN: true, noDefaultInfinity: true }).map(String));
const { value: attribute } = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ S: text(0, 400) }),
    fc.record({ N: number }),
    fc.record({ B: base64(0, 400) }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ NULL: fc.constant(true) }),
    fc.record({ SS: fc.uniqueArray(text(1, 40), { minLength: 1, maxLength: 3 }) }),
    fc.record({ NS: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }) }),
    fc.record({ BS: fc.uniqueArray(base64(1, 40), { minLength: 1, maxLength: 3 }) }),
    fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }),
    fc.record({
      M: fc.dictionary(fc.oneof(text(1, 40), fc.constantFrom("B", "BS")), tie("value"), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }),
  ),
}));
const TableName = fc.stringMatching(/^[A-Za-z0-9_.-]{3,60}$/);
const item = fc.dictionary(fc.oneof(text(1, 40), fc.constantFrom("B", "BS")), attribute, {
  minKeys: 1,
  maxKeys: 4,
  noNullPrototype: true,
});
const key = fc.record({ name: fc.record({ S: text(1, 100) }), version: fc.record({ S: hex(19) }) });
const names = fc.dictionary(
  word.map((name) => `#${name}`),
  text(1, 40),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
const values = fc.dictionary(
  word.map((name) => `:${name}`),
  attribute,
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
const ReturnConsumedCapacity = fc.constantFrom("INDEXES", "TOTAL", "NONE");
const ConsistentRead = fc.boolean();
const expression = text(1, 100);

/** For every operation that the direct path sends, or that the contract tests need: inputs that AWS would take. */
export const operations: Readonly<Record<Service, Readonly<Record<string, fc.Arbitrary<object>>>>> = {
  kms: {
    Decrypt: some({ CiphertextBlob: base64(1, 6_144), KeyId: keyId, EncryptionContext, DryRun }, ["CiphertextBlob"]),
    Encrypt: some({ KeyId: keyId, Plaintext: base64(1, 4_096), EncryptionContext, DryRun }, ["KeyId", "Plaintext"]),
    GenerateDataKey: fc.oneof(
      some({ KeyId: keyId, KeySpec: fc.constantFrom("AES_256", "AES_128"), EncryptionContext }, ["KeyId", "KeySpec"]),
      some({ KeyId: keyId, NumberOfBytes: fc.integer({ min: 1, max: 1_024 }), EncryptionContext }, [
        "KeyId",
        "NumberOfBytes",
      ]),
    ),
    GenerateDataKeyWithoutPlaintext: some({ KeyId: keyId, KeySpec: fc.constantFrom("AES_256"), EncryptionContext }, [
      "KeyId",
    ]),
    ReEncrypt: some(
      {
        CiphertextBlob: base64(1, 6_144),
        SourceKeyId: keyId,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: keyId,
        DestinationEncryptionContext: EncryptionContext,
        DryRun,
      },
      ["CiphertextBlob", "DestinationKeyId"],
    ),
    DescribeKey: fc.record({ KeyId: keyId }),
    CreateKey: some(
      {
        Description: text(0, 8_192),
        MultiRegion: fc.boolean(),
        Tags: fc.array(fc.record({ TagKey: text(1, 128), TagValue: text(0, 256) }), { maxLength: 3 }),
      },
      [],
    ),
    CreateAlias: fc.record({ AliasName: word.map((name) => `alias/${name}`), TargetKeyId: uuid }),
    DeleteAlias: fc.record({ AliasName: word.map((name) => `alias/${name}`) }),
    DisableKey: fc.record({ KeyId: uuid }),
    ScheduleKeyDeletion: fc.record({ KeyId: uuid, PendingWindowInDays: fc.integer({ min: 7, max: 30 }) }),
  },
  secretsmanager: {
    GetSecretValue: some({ SecretId, VersionId: uuid, VersionStage: word }, ["SecretId"]),
    BatchGetSecretValue: some(
      { SecretIdList: fc.uniqueArray(SecretId, { minLength: 1, maxLength: 20 }), NextToken: text(1, 4_096) },
      ["SecretIdList"],
    ),
    DescribeSecret: fc.record({ SecretId }),
    CreateSecret: fc
      .tuple(
        some({ Name: word, ClientRequestToken: uuid, Description: text(0, 2_048), KmsKeyId: keyId, Tags }, [
          "Name",
          "ClientRequestToken",
        ]),
        secretValue,
      )
      .map(([rest, value]) => ({ ...rest, ...value })),
    PutSecretValue: fc
      .tuple(
        some({ SecretId, ClientRequestToken: uuid, VersionStages }, ["SecretId", "ClientRequestToken"]),
        secretValue,
      )
      .map(([rest, value]) => ({ ...rest, ...value })),
    UpdateSecret: fc
      .tuple(
        some({ SecretId, ClientRequestToken: uuid, Description: text(0, 2_048) }, ["SecretId", "ClientRequestToken"]),
        secretValue,
      )
      .map(([rest, value]) => ({ ...rest, ...value })),
    DeleteSecret: some({ SecretId, RecoveryWindowInDays: fc.integer({ min: 7, max: 30 }) }, ["SecretId"]),
  },
  ssm: {
    GetParameters: some({ Names: fc.uniqueArray(parameter, { minLength: 1, maxLength: 10 }), WithDecryption }, [
      "Names",
    ]),
    GetParameter: some({ Name: parameter, WithDecryption }, ["Name"]),
    PutParameter: some(
      {
        Name: parameter,
        Value: text(1, 4_096),
        Type: fc.constantFrom("String", "StringList", "SecureString"),
        KeyId: keyId,
        Overwrite: fc.boolean(),
        Description: text(0, 1_024),
        Tier: fc.constantFrom("Standard", "Advanced", "Intelligent-Tiering"),
      },
      ["Name", "Value"],
    ),
    DeleteParameter: fc.record({ Name: parameter }),
  },
  dynamodb: {
    GetItem: some({ TableName, Key: key, ConsistentRead, ReturnConsumedCapacity }, ["TableName", "Key"]),
    BatchGetItem: some(
      {
        RequestItems: fc.dictionary(
          TableName,
          some(
            { Keys: fc.array(key, { minLength: 1, maxLength: 5 }), ConsistentRead, ProjectionExpression: expression },
            ["Keys"],
          ),
          { minKeys: 1, maxKeys: 2, noNullPrototype: true },
        ),
        ReturnConsumedCapacity,
      },
      ["RequestItems"],
    ),
    Query: some(
      {
        TableName,
        KeyConditionExpression: expression,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
        ConsistentRead,
        ScanIndexForward: fc.boolean(),
        Limit: fc.integer({ min: 1, max: 100 }),
        ExclusiveStartKey: key,
      },
      ["TableName", "KeyConditionExpression"],
    ),
    PutItem: some(
      {
        TableName,
        Item: item,
        ConditionExpression: expression,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      },
      ["TableName", "Item"],
    ),
  },
};
