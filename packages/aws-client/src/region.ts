import { SecretError } from "@serverless-secrets/core";
import { regionPartition } from "./partition.ts";

/**
 * The region of a reference that names none: `AWS_REGION` (which Lambda sets), then `AWS_DEFAULT_REGION`, read at the call.
 * @returns a region that is well-formed
 * @throws SecretError `ERR_SECRET_REFERENCE`: neither is set, or what is set is no region
 */
export function defaultRegion(): string {
  for (const variable of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const region = process.env[variable];
    if (region) return checkRegion(region, variable);
  }
  throw new SecretError(
    "ERR_SECRET_REFERENCE",
    "no region is known. Set AWS_REGION, or add ?region=… to the reference, such as ?region=eu-west-1.",
  );
}

/**
 * Lets a well-formed region pass.
 * @param region anything
 * @param source what an error says it was found in; default `the region`
 * @returns the region
 * @throws SecretError `ERR_SECRET_REFERENCE`, which does not quote it
 */
export function checkRegion(region: string, source = "the region"): string {
  if (regionPartition(region) !== undefined) return region;
  throw new SecretError("ERR_SECRET_REFERENCE", `${source} is no AWS region. Write one such as eu-west-1.`);
}
