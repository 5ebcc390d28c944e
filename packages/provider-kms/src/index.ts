export type { EncryptionContext } from "./context.ts";
export type { KmsKey } from "./key.ts";
export { type KmsOptions, kms } from "./kms.ts";
export type { KmsTarget } from "./target.ts";
