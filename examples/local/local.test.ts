import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import { forget, resolve } from "@serverless-secrets/aws";
import { startLocalAws } from "@serverless-secrets/local";

const aws = await startLocalAws();
Object.assign(process.env, aws.env); // what takes its configuration from the environment finds the server by itself
const kms = new KMSClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
const { arn } = aws.createKey({ alias: "alias/app" }); // or through the wire, with CreateKey

beforeEach(() => aws.clearLog());
afterAll(() => aws.stop());

test("KMS encrypts for real, and the encryption context counts", async () => {
  const EncryptionContext = { stage: "prod" };
  const Plaintext = Buffer.from("correct horse");
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: arn, Plaintext, EncryptionContext }));

  const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  expect(Buffer.from(opened.Plaintext as Uint8Array).toString()).toBe("correct horse");

  const other = kms.send(new DecryptCommand({ CiphertextBlob }));
  await expect(other).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  expect(aws.checks.map(({ action }) => action)).toEqual(["kms:Encrypt", "kms:Decrypt", "kms:Decrypt"]);
});

test("what AWS may do to a function, a test can do too", async () => {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("correct horse") }),
  );
  const reference = `kms::${arn}::${Buffer.from(CiphertextBlob as Uint8Array).toString("base64")}`;
  aws.clearLog();

  aws.fail({ kind: "reset", operation: "Decrypt", times: 1 });
  expect(await resolve(reference)).toBe("correct horse");
  expect(aws.calls.length).toBe(2); // it was asked again

  forget(reference);
  const allow = aws.deny({ action: "kms:Decrypt" });
  await expect(resolve(reference)).rejects.toMatchObject({ code: "ERR_SECRET_ACCESS_DENIED" });
  allow();
});
