import type { AwsRequest } from "./request.ts";

// Of the four services. What is not listed may write; KMS's own say nothing to anybody and change nothing.
const reads =
  /^(Decrypt|Encrypt|ReEncrypt|Generate[A-Z]|(Batch|Transact)?Get[A-Z]|Describe[A-Z]|List[A-Z]|Query$|Scan$)/;

/**
 * Whether a request may be sent again when it is unknown whether AWS did it: one that changes nothing, told by the
 * operation's name, or one that AWS does once by its `ClientRequestToken`.
 *
 * A repeated write fails falsely, or writes twice: a conditional PutItem finds what its first attempt put.
 */
export function isRepeatable({ operation, input }: AwsRequest): boolean {
  const { ClientRequestToken: token } = input as { readonly ClientRequestToken?: unknown };
  return reads.test(operation) || (typeof token === "string" && token !== "");
}
