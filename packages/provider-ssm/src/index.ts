export { type SsmOptions, ssm } from "./ssm.ts";
export type { SsmTarget } from "./target.ts";
