import type { AwsCredentials, TemporaryCredentials } from "./credentials.ts";
import type { Endpoint } from "./endpoint.ts";
import { quotaTokens } from "./quota.ts";

/** The credentials that one address gave. */
export interface KeptCredentials {
  readonly path: string;
  current?: TemporaryCredentials | undefined;
  /** The fetch under way, which all who need one share. */
  flight?: { readonly deadlineMs: number; readonly promise: Promise<AwsCredentials> } | undefined;
}

/** What is remembered of a host from one call to the next. */
export interface HostState {
  /** What is left to pay retries with (quota.ts): 0 to 500. */
  tokens: number;
  /** How far the host's clock is ahead of this machine's, in ms (clock.ts). */
  clockOffsetMs: number;
  /** Of a host that gives a container its credentials: those it gave (container.ts). */
  kept?: KeptCredentials;
}

// Module state, beside the connections: what a call learnt of a host, the next need not learn again.
const hosts = new Map<string, HostState>();

/** What is remembered of an endpoint's host; the object is shared, and changed in place. */
export function hostState({ protocol, host }: Endpoint): HostState {
  const key = `${protocol}//${host}`;
  const known = hosts.get(key) ?? { tokens: quotaTokens, clockOffsetMs: 0 };
  hosts.set(key, known);
  return known;
}
