export { type Arn, parseArn } from "./arn.ts";
export type { AwsCredentials, CredentialSource } from "./credentials.ts";
export { type DirectOptions, direct } from "./direct.ts";
export { regionPartition } from "./partition.ts";
export { checkRegion, defaultRegion } from "./region.ts";
export type { AwsClients, AwsRequest } from "./request.ts";
export type { Service } from "./service.ts";
