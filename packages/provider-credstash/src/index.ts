export { type CredstashOptions, credstash } from "./credstash.ts";
export type { CredstashTarget, EncryptionContext } from "./target.ts";
