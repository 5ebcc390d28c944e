export type { LocalCredentials } from "./credentials.ts";
export type { DenyRule } from "./deny.ts";
export type { LocalExtension, LocalExtensionOptions } from "./extension/start.ts";
export type { Fault } from "./fault.ts";
export type { LocalAws, LocalAwsOptions, LocalKey, LocalParameterOptions, LocalSecretOptions } from "./localaws.ts";
export type { LocalCall, LocalCheck } from "./log.ts";
export { startLocalAws } from "./start.ts";
