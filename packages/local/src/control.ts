import { type DenyRule, denies } from "./deny.ts";
import { awsError } from "./error.ts";
import type { Fault } from "./fault.ts";
import type { LocalCall, LocalCheck } from "./log.ts";

/** A call in the log, while it is being answered. */
export type OpenCall = { -readonly [N in keyof LocalCall]: LocalCall[N] };

/** What a test sets and reads: logs, faults, rules, clock, latency. */
export interface Control {
  readonly calls: OpenCall[];
  readonly checks: LocalCheck[];
  latencyMs: number;
  clockSkewMs: number;
  fail(fault: Fault): () => void;
  deny(rule: DenyRule): () => void;
  /** The oldest fault that strikes this operation, counted as one of its times. */
  take(operation: string): Fault | undefined;
  /** Records a check. @throws AwsError `AccessDeniedException`, in AWS's words. */
  check(check: Omit<LocalCheck, "allowed">, userArn: string): void;
}

/** A control on which nothing is set. */
export function createControl(): Control {
  const faults = new Set<{ readonly fault: Fault; left: number }>();
  const rules = new Set<{ readonly rule: DenyRule }>();
  const checks: LocalCheck[] = [];
  return {
    calls: [],
    checks,
    latencyMs: 0,
    clockSkewMs: 0,
    fail: (fault) => added(faults, { fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    deny: (rule) => added(rules, { rule }),
    take(operation) {
      for (const entry of faults) {
        if (entry.fault.operation !== undefined && entry.fault.operation !== operation) continue;
        entry.left -= 1;
        if (entry.left <= 0) faults.delete(entry);
        return entry.fault;
      }
      return undefined;
    },
    check(check, userArn) {
      const { action, resource } = check;
      const allowed = ![...rules].some(({ rule }) => denies(rule, action, resource));
      checks.push({ ...check, allowed });
      if (allowed) return;
      const why = `because no identity-based policy allows the ${action} action`;
      const what = `is not authorized to perform: ${action} on resource: ${resource}`;
      throw awsError("AccessDeniedException", `User: ${userArn} ${what} ${why}`);
    },
  };
}

/** Adds to a set; gives what takes it out again. */
function added<T>(set: Set<T>, entry: T): () => void {
  set.add(entry);
  return () => {
    set.delete(entry);
  };
}
