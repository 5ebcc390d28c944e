import type { Refusal } from "./refusal.ts";
import { type AwsRequest, actionOf } from "./request.ts";

/**
 * Words a denial: which action to allow on which resource, and where.
 *
 * AWS's message knows it best, so action and resource are taken from it where they have their form, else from the request;
 * of the reasons that it gives, known phrases are told from each other. Nothing else of it is kept.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function describeDenial({ name, message }: Refusal, request: AwsRequest): string {
  const action = / to perform: ([a-z0-9-]{1,40}:[A-Za-z]{1,60})(?!\S)/.exec(message)?.[1] ?? actionOf(request);
  const resource = / on resource: (arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:[!-~]{1,1500}(?<![.,;]))/.exec(message)?.[1];
  const on = resource ?? request.resource;
  const cure = reasons.find(({ phrase }) => phrase.test(message))?.cure ?? allow;
  return `AWS refused ${action}${on === undefined ? "" : ` on ${on}`} (${name}). ${cure}`;
}

const allow = "Allow that action on that resource in the function's role.";

// The phrases that AWS's messages end in; the first that fits.
const reasons: readonly { readonly phrase: RegExp; readonly cure: string }[] = [
  ...["identity-based policy", "resource-based policy", "service control policy", "resource control policy"],
  ...["permissions boundary", "session policy", "VPC endpoint policy"],
]
  .flatMap((policy) => [
    {
      phrase: new RegExp(`explicit deny in an? ${policy}`),
      cure: `A Deny in the ${policy} forbids it: no Allow helps until that statement is changed.`,
    },
    {
      phrase: new RegExp(`because no ${policy} allows`),
      cure: policy === "identity-based policy" ? allow : `Allow that action on that resource in the ${policy}.`,
    },
  ])
  .concat({
    // KMS says so of another account's key, and of one that is not there.
    phrase: /no resource-based policies allow access/,
    cure: "Either it does not exist in that region, or its key policy does not allow that action to the function's role.",
  });
