import { type AwsError, awsError } from "../error.ts";
import type { OperationRequest } from "../service.ts";
import { conditionKeys, contextBytes, type EncryptionContext } from "./context.ts";
import type { Found } from "./find.ts";
import { authorizeUse } from "./managed.ts";
import type { KmsState } from "./state.ts";

/** What a cryptographic operation asks of a key. */
export interface Use {
  readonly action: string;
  readonly context: EncryptionContext | undefined;
  readonly algorithm?: string | undefined;
}

/** Algorithms that AWS knows; a symmetric key takes the last alone. */
export const algorithms = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE", "SYMMETRIC_DEFAULT"] as const;

/**
 * Lets a request use a key: in AWS's order, first the permission, then the key's state.
 *
 * @throws AwsError `AccessDeniedException`, `DisabledException`, `KMSInvalidStateException`, `InvalidKeyUsageException`.
 */
export function useKey(request: OperationRequest<KmsState>, found: Found, use: Use): void {
  contextBytes(use.context); // refuses one that is too large
  authorizeUse(request, found, use.action, conditionKeys(request, use.context, found.alias));
  notPendingDeletion(found);
  if (!found.key.enabled) throw awsError("DisabledException", `${found.arn} is disabled.`);
  if (use.algorithm !== undefined && use.algorithm !== "SYMMETRIC_DEFAULT") {
    const message = `Algorithm ${use.algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`;
    throw awsError("InvalidKeyUsageException", message);
  }
}

/** @throws AwsError `KMSInvalidStateException`. */
export function notPendingDeletion({ key, arn }: Found): void {
  if (key.deletionMs !== undefined) throw awsError("KMSInvalidStateException", `${arn} is pending deletion.`);
}

/** A dry run's success. https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
export function dryRun(): AwsError {
  return awsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
}

/** An attestation document needs a Nitro enclave. @throws AwsError `UnsupportedOperationException`. */
export function noRecipient(input: Readonly<Record<string, unknown>>): void {
  if (input["Recipient"]) throw awsError("UnsupportedOperationException", "Local AWS knows no Recipient.");
}
