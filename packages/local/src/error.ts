/** An error as an AWS JSON service answers it: thrown anywhere below the server, written by it as `__type` and `message`. */
export interface AwsError extends Error {
  /** HTTP status. AWS's JSON services use 400 for nearly all of their refusals. */
  readonly status: number;
  readonly isAwsError: true;
}

/**
 * Makes an error that AWS would answer.
 *
 * @param name AWS's name for it, such as `NotFoundException`.
 * @param message AWS's wording. Left out (or empty), the answer has no message, as KMS's `InvalidCiphertextException`.
 * @param status HTTP status. Default 400.
 */
export function awsError(name: string, message = "", status = 400): AwsError {
  return Object.assign(new Error(message), { name, status, isAwsError: true as const });
}

/** Whether something thrown is meant for the client. Anything else is a fault of this server. */
export function isAwsError(thrown: unknown): thrown is AwsError {
  return typeof thrown === "object" && thrown !== null && "isAwsError" in thrown && thrown.isAwsError === true;
}
