/** Denies what matches. `*` stands for any text, as in IAM. */
export interface DenyRule {
  /** Such as `kms:Decrypt` or `kms:*`. */
  readonly action: string;
  /** An ARN, or a pattern of ARNs. Default `*`. */
  readonly resource?: string;
}

/** Whether a rule denies an action on a resource. Actions ignore case, ARNs do not. */
export function denies(rule: DenyRule, action: string, resource: string): boolean {
  return matches(rule.action.toLowerCase(), action.toLowerCase()) && matches(rule.resource ?? "*", resource);
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}
