export type { LocalCredentials } from "./credentials.ts";
export type { DenyRule } from "./deny.ts";
export type { Fault } from "./fault.ts";
export type { LocalAws, LocalAwsOptions, LocalKey } from "./localaws.ts";
export type { LocalCall, LocalCheck } from "./log.ts";
export { startLocalAws } from "./start.ts";
