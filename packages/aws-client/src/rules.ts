import type { SecretErrorCode } from "@serverless-secrets/core";
import type { Service } from "./service.ts";

/** What some errors of AWS mean to this library. */
export interface Rule {
  readonly code: SecretErrorCode;
  /** AWS's names of them. */
  readonly names: readonly string[];
  /** Only of this service. */
  readonly service?: Service;
  /** Only where AWS's message matches. */
  readonly message?: RegExp;
  /** What to do about it: one sentence. */
  readonly cure?: string;
  /** Whether it lacks a permission, which denial.ts words. */
  readonly denial?: true;
}

/**
 * From AWS's error to code and cure; the first rule that fits counts. What no rule names is judged by its status.
 *
 * The names are those of the four services' models, of their common errors, and of what the SDKs take for throttling or a
 * broken clock.
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
 */
export const rules: readonly Rule[] = [
  // Nobody's fault: these pass.
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: [
      "BandwidthLimitExceeded",
      "EC2ThrottledException",
      "LimitExceededException",
      "PriorRequestNotComplete",
      "ProvisionedThroughputExceededException",
      "RequestLimitExceeded",
      "RequestThrottled",
      "RequestThrottledException",
      "SlowDown",
      "ThrottledException",
      "Throttling",
      "ThrottlingException",
      "TooManyRequestsException",
      "TransactionInProgressException",
    ],
    cure: "A quota of this account and region is used up for the moment: ask for less at once, or raise it.",
  },
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: ["RequestTimeout", "RequestTimeoutException", "TimeoutError"],
    cure: "The request reached AWS too slowly.",
  },
  {
    // Whatever their status: a fault of AWS's.
    code: "ERR_SECRET_UNAVAILABLE",
    names: [
      "DependencyTimeoutException",
      "InternalError",
      "InternalFailure",
      "InternalServerError",
      "InternalServiceError",
      "KMSInternalException",
      "RequestAbortedException",
      "ServiceUnavailable",
      "ServiceUnavailableException",
    ],
    cure: "It may pass by itself.",
  },
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: ["KeyUnavailableException"],
    cure: "The KMS key cannot be used for the moment. If it is in a custom key store, check that the store is connected.",
  },
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: ["TooManyUpdates", "ReplicatedWriteConflictException", "TransactionConflictException"],
    cure: "Others write to it at this moment: try again.",
  },
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: ["ExpiredToken", "ExpiredTokenException"],
    cure: "The credentials have expired: Lambda renews its own; elsewhere fetch new ones.",
  },
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: ["RequestExpired", "RequestTimeTooSkewed"],
    cure: "It was signed at another time than AWS's: set this machine's clock.",
  },
  {
    code: "ERR_SECRET_UNAVAILABLE",
    names: ["InvalidSignatureException"],
    message: /^Signature (expired|not yet current)\b/,
    cure: "It was signed at another time than AWS's: set this machine's clock.",
  },

  // No permission, no valid credentials, or a key that may not be used.
  { code: "ERR_SECRET_ACCESS_DENIED", names: ["AccessDenied", "AccessDeniedException"], denial: true },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["NotAuthorized", "UnauthorizedException", "UnauthorizedOperation"],
    denial: true,
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"],
    cure: "AWS does not know these credentials: check the key id and the session token, and that they belong to this partition.",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["InvalidSignatureException", "SignatureDoesNotMatch"],
    cure: "The secret access key does not belong to the access key id, or something in between changed the request.",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: [
      "IncompleteSignature",
      "IncompleteSignatureException",
      "MissingAuthenticationToken",
      "MissingAuthenticationTokenException",
    ],
    cure: "The request came to AWS without its whole signature: something in between, such as a proxy, takes headers away.",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["OptInRequired", "SubscriptionRequiredException"],
    cure: "The account is not signed up for this service in this region: enable the region for the account (aws account enable-region).",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["DisabledException"],
    cure: "The KMS key is disabled: enable it (aws kms enable-key).",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["KMSInvalidStateException"],
    cure: "The KMS key's state does not allow it: it may be pending deletion (aws kms cancel-key-deletion) or import.",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["DecryptionFailure"],
    cure: "Secrets Manager may not use the secret's KMS key: allow kms:Decrypt on that key, and check that it is enabled.",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["EncryptionFailure"],
    cure: "Secrets Manager may not use the secret's KMS key: allow kms:GenerateDataKey and kms:Decrypt on that key, and check that it is enabled.",
  },
  {
    code: "ERR_SECRET_ACCESS_DENIED",
    names: ["InvalidKeyId"],
    service: "ssm",
    cure: "Parameter Store may not use the parameter's KMS key: allow kms:Decrypt on that key, and check that it is enabled.",
  },

  // Nothing there.
  {
    code: "ERR_SECRET_NOT_FOUND",
    names: ["NotFoundException"],
    cure: "The KMS key or alias does not exist in this account and region: check the key's ARN.",
  },
  {
    code: "ERR_SECRET_NOT_FOUND",
    names: ["ResourceNotFoundException"],
    service: "dynamodb",
    cure: "The table does not exist in this account and region.",
  },
  {
    code: "ERR_SECRET_NOT_FOUND",
    names: ["ResourceNotFoundException"],
    cure: "It, or that version of it, does not exist in this account and region.",
  },
  {
    code: "ERR_SECRET_NOT_FOUND",
    names: ["InvalidRequestException"],
    service: "secretsmanager",
    message: /marked for deletion/,
    cure: "The secret is marked for deletion: restore it (aws secretsmanager restore-secret).",
  },
  {
    code: "ERR_SECRET_NOT_FOUND",
    names: ["ParameterNotFound"],
    cure: "The parameter does not exist in this account and region.",
  },
  {
    code: "ERR_SECRET_NOT_FOUND",
    names: ["ParameterVersionNotFound"],
    cure: "The parameter has no such version or label.",
  },

  // A ciphertext that does not verify.
  {
    code: "ERR_SECRET_INTEGRITY",
    names: ["InvalidCiphertextException"],
    cure: "The ciphertext is damaged, or was encrypted under another encryption context or name: copy it whole, with the same ?context. and ?name=, or encrypt it again.",
  },
  {
    code: "ERR_SECRET_INTEGRITY",
    names: ["IncorrectKeyException"],
    cure: "The ciphertext was encrypted under another KMS key than the reference names: correct the key's ARN.",
  },

  // What the reference names is not fit for this.
  {
    code: "ERR_SECRET_PROVIDER",
    names: ["InvalidKeyUsageException"],
    cure: "The KMS key is not one for symmetric encryption (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT).",
  },
  {
    code: "ERR_SECRET_PROVIDER",
    names: [
      "ValidationException",
      "ValidationError",
      "SerializationException",
      "InvalidParameterException",
      "InvalidArnException",
    ],
    cure: "AWS does not take the request for well-formed: check the name, key and version in the reference.",
  },
  {
    code: "ERR_SECRET_PROVIDER",
    names: ["InvalidAction", "UnknownOperationException"],
    cure: "The server does not know this operation, so it is not AWS's: check AWS_ENDPOINT_URL.",
  },
];
