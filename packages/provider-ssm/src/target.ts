import { keyArnOf, parseArn, regionPartition } from "@serverless-secrets/aws-client";
import { type Reference, readOptions, SecretError, type Target } from "@serverless-secrets/core";

/** A parameter's version, or whatever a label or nothing names at the time. */
export interface SsmTarget extends Target {
  /** Name or ARN. */
  readonly name: string;
  /** Undefined: the region of the environment, read at the fetch. */
  readonly region: string | undefined;
  /** `:3`, `:label`, or the empty string, as SSM writes it behind the name. */
  readonly selector: string;
  /** `?key=`: the ARN of the KMS key behind it, for the policy. */
  readonly keyArn: string | undefined;
}

/**
 * Reads an `ssm::` reference.
 * @param defaultRegion where a name without `?region=` is; undefined: where the environment says
 * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing
 */
export function parseTarget(reference: Reference, defaultRegion?: string): SsmTarget {
  const options = readOptions(reference, ["key"]);
  const { name, region = defaultRegion } = parseName(reference.ref, options.region);
  const selector = parseSelector(reference.payload);
  return {
    id: JSON.stringify([region ?? "", name, selector]),
    // A label cannot begin with a digit, so digits are a version, which never changes.
    pinned: /^:\d+$/.test(selector),
    // What is named by ARN may be another account's, whose parameter of the same name is another: asked for apart.
    batch: [region, parseArn(name)?.accountId].join(" ").trim(),
    name,
    region,
    selector,
    keyArn: parseKeyArn(options.key),
  };
}

function parseName(ref: string, region: string | undefined): { name: string; region: string | undefined } {
  if (region !== undefined && regionPartition(region) === undefined) throw refused("its ?region= is no region");
  if (!ref.startsWith("arn:")) {
    if (!isName(ref)) {
      throw refused(
        "a parameter's name holds letters, digits and _.-/ alone; a version or label stands after a second ::, as in ssm::/prod/db::3",
      );
    }
    // SSM refuses the whole batch for it, and no parameter can be named so.
    if (ref.includes("/") && !ref.startsWith("/")) throw refused("a parameter's name that has a slash begins with one");
    return { name: ref, region };
  }
  const arn = parseArn(ref);
  if (arn?.service !== "ssm" || !arn.resource.startsWith("parameter/") || !isName(arn.resource)) {
    throw refused("it begins as an ARN, but is none of a parameter");
  }
  if (region !== undefined && region !== arn.region) throw refused("its ?region= is not the region of its ARN");
  return { name: ref, region: arn.region };
}

const isName = (name: string): boolean => /^[\w.\-/]{1,2048}$/.test(name) && !/\/(\/|$)/.test(name);

function parseSelector(payload: string | undefined): string {
  if (payload === undefined) return "";
  if (!/^([1-9]\d{0,17}|[A-Za-z_.-][\w.-]{0,99})$/.test(payload))
    throw refused('what follows "::" is neither a version number nor a label');
  return `:${payload}`;
}

function parseKeyArn(key: string | undefined): string | undefined {
  if (key === undefined || keyArnOf(key) !== undefined) return key;
  throw refused(
    "its ?key= is no ARN of a KMS key, such as arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab; for an alias, write the ARN of its key (aws kms describe-key)",
  );
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_REFERENCE", `the ssm reference cannot be used: ${why}.`);
