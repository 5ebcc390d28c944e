import { awsError } from "../error.ts";
import type { OperationRequest } from "../service.ts";
import { keyArn } from "./arn.ts";
import { keyOf } from "./ciphertext.ts";
import { type Found, findKey } from "./find.ts";
import type { KmsState } from "./state.ts";

/**
 * The key that a ciphertext was made with, which must be the one that the request names, if it names one.
 *
 * @throws AwsError `NotFoundException`, `InvalidCiphertextException`, `IncorrectKeyException`.
 */
export function sourceKey(request: OperationRequest<KmsState>, blob: Buffer, keyId: string | undefined): Found {
  const named = keyId === undefined ? undefined : findKey(request, keyId);
  const keys = request.state.keys.filter(({ region }) => region === request.region);
  const key = keyOf(blob, keys);
  if (named === undefined) return { key, arn: keyArn(request, key.id) };
  if (named.key === key) return named;
  const message = "The key ID in the request does not identify a CMK that can perform this operation.";
  throw awsError("IncorrectKeyException", message);
}
