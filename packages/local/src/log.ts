/** One call that arrived and whose Host, Origin and path were in order. It never holds plaintext, ciphertext or a body. */
export interface LocalCall {
  /** As it signs, such as `kms`; `undefined` where the target names none that is known. */
  readonly service: string | undefined;
  /** Such as `Decrypt`. */
  readonly operation: string | undefined;
  /** The region it was signed for; `undefined` where the signature was refused. */
  readonly region: string | undefined;
  /** HTTP status; `undefined` until it is answered, and for ever where a fault gave no answer. */
  readonly status: number | undefined;
  /** AWS's name for the refusal. */
  readonly errorName: string | undefined;
  /** The fault that struck it. */
  readonly fault: string | undefined;
  /** The members of the request that are no secret, as the service lists them: `KeyId`, `EncryptionContext`, … */
  readonly input: Readonly<Record<string, unknown>>;
  /** When it had arrived as a whole, epoch milliseconds. */
  readonly atMs: number;
  readonly userAgent: string | undefined;
  /** Names of its headers, lower case, as they came. */
  readonly headerNames: readonly string[];
  /** The answer's `x-amzn-requestid`. */
  readonly requestId: string;
}

/** One authorisation check, as IAM would make it for a call: a call makes none, one or several. */
export interface LocalCheck {
  /** Such as `kms:Decrypt`. */
  readonly action: string;
  /** An ARN, or `*` for an action without resources. */
  readonly resource: string;
  /** Condition keys, such as `kms:EncryptionContext:stage`. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly allowed: boolean;
  /** The call that it was made for. */
  readonly requestId: string;
}
