import { type AwsClients, type AwsRequest, describeThrown } from "@serverless-secrets/aws-client";

/** A KMS client of the user's own: the AWS SDK's `KMS` is one, and so is an object with such a method. */
export interface KmsClient {
  /** Decrypts, or rejects as the SDK does. */
  decrypt(input: KmsDecryptInput, options?: { readonly abortSignal?: AbortSignal }): Promise<KmsDecryptOutput>;
}

/** What a `KmsClient` is asked. */
export interface KmsDecryptInput {
  /** Key ARN or alias ARN. */
  KeyId: string;
  CiphertextBlob: Uint8Array;
  EncryptionContext?: Record<string, string>;
}

/** What a `KmsClient` answers. */
export interface KmsDecryptOutput {
  /** The ARN of the key that was used. */
  readonly KeyId?: string | undefined;
  readonly Plaintext?: Uint8Array | undefined;
}

/** Sends Decrypt, and nothing else, through a client of the user's. */
export function clientsOf(client: KmsClient): AwsClients {
  return async (request: AwsRequest, { signal }) => {
    const input = request.input as Omit<KmsDecryptInput, "CiphertextBlob"> & { readonly CiphertextBlob: string };
    try {
      const CiphertextBlob = Buffer.from(input.CiphertextBlob, "base64");
      const { KeyId, Plaintext } = await client.decrypt({ ...input, CiphertextBlob }, { abortSignal: signal });
      // A view, no copy: that would be left in the pool that small buffers share.
      return { KeyId, Plaintext: Plaintext && viewOf(Plaintext).toString("base64") };
    } catch (thrown) {
      throw describeThrown(thrown, request);
    }
  };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);
