// By what a region's name begins with; the first that fits. New regions of the commercial partition need no entry.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
const partitions = [
  { partition: "aws-us-gov", prefix: "us-gov-", suffix: "amazonaws.com" },
  { partition: "aws-cn", prefix: "cn-", suffix: "amazonaws.com.cn" },
  { partition: "aws-eusc", prefix: "eusc-", suffix: "amazonaws.eu" },
  { partition: "aws-iso", prefix: "us-iso-", suffix: "c2s.ic.gov" },
  { partition: "aws-iso-b", prefix: "us-isob-", suffix: "sc2s.sgov.gov" },
  { partition: "aws-iso-e", prefix: "eu-isoe-", suffix: "cloud.adc-e.uk" },
  { partition: "aws-iso-f", prefix: "us-isof-", suffix: "csp.hci.ic.gov" },
  { partition: "aws", prefix: "", suffix: "amazonaws.com" },
] as const;

/**
 * The partition that holds a region. It is also the check of a region, which must pass before a host or a signature is
 * made of it: a region stands in a reference and in a host name, so `x@evil.example/#` must not get there.
 * @param region anything
 * @returns e.g. `aws` for `eu-west-1`; undefined where the text has not the form of a region
 */
export function regionPartition(region: string): string | undefined {
  return find(region)?.partition;
}

/**
 * What host names of a region's services end in.
 * @param region anything
 * @returns e.g. `amazonaws.com`; undefined where the text has not the form of a region
 */
export function regionSuffix(region: string): string | undefined {
  return find(region)?.suffix;
}

function find(region: string): (typeof partitions)[number] | undefined {
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) return undefined;
  return partitions.find(({ prefix }) => region.startsWith(prefix));
}
