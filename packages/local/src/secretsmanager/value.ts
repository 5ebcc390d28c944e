import { openEnvelope, sealEnvelope } from "../envelope.ts";
import { awsError, isAwsError } from "../error.ts";
import { arnOf, type Request } from "./find.ts";
import type { Secret, Version } from "./state.ts";

/** A value as a request gives it. */
export interface Value {
  readonly kind: Version["kind"];
  readonly bytes: Buffer;
}

const maxBytes = 65_536;
const managedKey = "alias/aws/secretsmanager";

/** The members of a request that hold a value. */
export const valueShape: {
  readonly SecretString: { readonly type: "string"; readonly min: 1; readonly max: 65_536; readonly secret: true };
  readonly SecretBinary: { readonly type: "blob"; readonly min: 1; readonly max: 65_536 };
} = {
  SecretString: { type: "string", min: 1, max: maxBytes, secret: true },
  SecretBinary: { type: "blob", min: 1, max: maxBytes },
};

/** Reads them. @throws AwsError `InvalidParameterException` for two, `ValidationException` over 65,536 bytes. */
export function readValue(input: {
  SecretString: string | undefined;
  SecretBinary: Buffer | undefined;
}): Value | undefined {
  const { SecretString: text, SecretBinary: binary } = input;
  if (text !== undefined && binary !== undefined) {
    const both = "You can't specify both a binary secret value and a string secret value in the same secret.";
    throw awsError("InvalidParameterException", both);
  }
  if (binary !== undefined) return { kind: "SecretBinary", bytes: binary };
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text);
  if (bytes.length > maxBytes) {
    const constraint = `Member must have length less than or equal to ${maxBytes}`;
    const message = `1 validation error detected: Value at 'secretString' failed to satisfy constraint: ${constraint}`;
    throw awsError("ValidationException", message);
  }
  return { kind: "SecretString", bytes };
}

/** Encrypts a value as the version `versionId` of a secret, under the secret's key. */
export function seal(request: Request, secret: Secret, versionId: string, bytes: Buffer): Version["value"] {
  const context = contextOf(request, secret, versionId);
  return kmsErrors("EncryptionFailure", () => sealEnvelope(request, secret.kmsKeyId ?? managedKey, context, bytes));
}

/** Decrypts a version. @throws AwsError `AccessDeniedException`, `DecryptionFailure`. */
export function open(request: Request, secret: Secret, version: Version): Buffer {
  const context = contextOf(request, secret, version.id);
  return kmsErrors("DecryptionFailure", () => openEnvelope(request, version.value, context));
}

/**
 * Uses a customer key once in vain, as AWS does where a secret gets one: a key that the caller may not use is refused before
 * anything is changed. https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export function tryKey(request: Request, secret: Secret): void {
  if (secret.kmsKeyId === undefined) return;
  const context = contextOf(request, secret, "RequestToValidateKeyAccess");
  const { kmsKeyId } = secret;
  const envelope = kmsErrors("EncryptionFailure", () => sealEnvelope(request, kmsKeyId, context, Buffer.alloc(0)));
  kmsErrors("DecryptionFailure", () => openEnvelope(request, envelope, context));
}

const contextOf = (request: Request, secret: Secret, versionId: string): Record<string, string> => ({
  SecretARN: arnOf(request, secret),
  SecretVersionId: versionId,
});

const texts = {
  EncryptionFailure:
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is " +
    "available, enabled, and not in an invalid state.",
  DecryptionFailure: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
} as const;

/** Tells a failure of KMS as Secrets Manager does: a denial without what was denied, anything else by one name. */
function kmsErrors<T>(name: keyof typeof texts, use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    if (!isAwsError(thrown)) throw thrown;
    if (thrown.name === "AccessDeniedException") throw awsError(thrown.name, "Access to KMS is not allowed");
    throw awsError(name, texts[name]);
  }
}
