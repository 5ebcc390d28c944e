import { openEnvelope, sealEnvelope } from "../envelope.ts";
import { awsError, isAwsError } from "../error.ts";
import { kms } from "../kms/service.ts";
import { arnOf, type Request } from "./name.ts";
import type { Parameter, Stored, Version } from "./state.ts";

/** The key of values for which no other is named. */
export const managedKey = "alias/aws/ssm";

/** What of a version decides how it is stored. */
type Kept = Pick<Version, "type" | "tier" | "keyId">;

const contextOf = (request: Request, name: string): Record<string, string> => ({ PARAMETER_ARN: arnOf(request, name) });

/**
 * Encrypts a value as AWS does: a SecureString of the standard tier by KMS itself, of the advanced tier under a data key. What is
 * no SecureString is stored under the service's own key, which asks for no permission: AWS shows it to whoever may read it.
 * https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 *
 * @throws AwsError `AccessDeniedException`, `InvalidKeyId`.
 */
export function store(request: Request, name: string, version: Kept, value: string): Stored {
  const context = contextOf(request, name);
  const bytes = Buffer.from(value);
  if (version.type !== "SecureString") return sealEnvelope(request, managedKey, context, bytes);
  const keyId = version.keyId ?? managedKey;
  return kmsErrors(() => {
    if (version.tier === "Advanced") return sealEnvelope(request, keyId, context, bytes);
    const input = { KeyId: keyId, Plaintext: bytes.toString("base64"), EncryptionContext: context };
    const { CiphertextBlob } = request.call(kms, "Encrypt", input) as { CiphertextBlob: string };
    return { blob: CiphertextBlob };
  });
}

/** What an answer shows: the value; of a SecureString that is not to be decrypted its ciphertext, which no one can read. */
export function shown(request: Request, { name }: Parameter, version: Version, withDecryption: boolean): string {
  const { value } = version;
  const isSecure = version.type === "SecureString";
  if (isSecure && !withDecryption) return "blob" in value ? value.blob : value.wrapped + value.sealed;
  const context = contextOf(request, name);
  if (!("blob" in value)) return kmsErrors(() => openEnvelope(request, value, context)).toString();
  const input = { CiphertextBlob: value.blob, EncryptionContext: context };
  const opened = kmsErrors(() => request.call(kms, "Decrypt", input)) as { Plaintext: string };
  return Buffer.from(opened.Plaintext, "base64").toString();
}

/** SSM hands on KMS's words, and its denial as it is; anything else under one name. */
function kmsErrors<T>(use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    if (!isAwsError(thrown)) throw thrown;
    const name = thrown.name === "AccessDeniedException" ? thrown.name : "InvalidKeyId";
    throw awsError(name, `${thrown.message} (Service: Kms, Status Code: ${thrown.status})`);
  }
}
