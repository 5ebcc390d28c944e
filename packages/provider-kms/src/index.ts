export type { KmsClient, KmsDecryptInput, KmsDecryptOutput } from "./client.ts";
export type { EncryptionContext } from "./context.ts";
export type { KmsFileTarget } from "./filetarget.ts";
export type { KmsKey } from "./key.ts";
export { kms } from "./kms.ts";
export { type KmsFileOptions, kmsfile } from "./kmsfile.ts";
export type { KmsOptions, KmsSealerOptions } from "./options.ts";
export type { KmsTarget } from "./target.ts";
