export { type SecretsManagerOptions, secretsManager } from "./secretsmanager.ts";
export type { SecretsManagerTarget } from "./target.ts";
