import {
  type AwsClients,
  type CredentialSource,
  defaultRegion,
  extension,
  senderOf,
} from "@serverless-secrets/aws-client";
import type { Call, Provider, SecretError, SecretValue } from "@serverless-secrets/core";
import { isOf, missing, type Parameter, secretOf } from "./answer.ts";
import { permitReads } from "./permissions.ts";
import { parseTarget, type SsmTarget } from "./target.ts";

/** Options of `ssm` and `ssmSealer`. */
export interface SsmOptions {
  /** Default `ssm`. A second provider, for another account's credentials, needs a scheme of its own. */
  readonly scheme?: string;
  /** Where names without `?region=` are. Default: `AWS_REGION`, then `AWS_DEFAULT_REGION`, read at each fetch. */
  readonly region?: string;
  /** Default: read from the environment at each request. */
  readonly credentials?: CredentialSource;
  /** Sends the requests, instead of `direct({ credentials })`. */
  readonly clients?: AwsClients;
  /** `extension`: read through the AWS Parameters and Secrets extension, or the agent, on localhost, instead of either. */
  readonly via?: "extension";
  /** Whether `String` and `StringList` parameters are read, which SSM stores unencrypted. Default false. */
  readonly allowUnencrypted?: boolean;
}

/** How many parameters one GetParameters brings. */
const batchSize = 10;

/**
 * The provider of `ssm::<name or ARN>[::<version or label>]`, read 10 at a time by GetParameters, which is its own IAM
 * action: one alone is read by it too. Only `SecureString` parameters are secrets.
 */
export function ssm(options: SsmOptions = {}): Provider<SsmTarget> {
  const { scheme = "ssm", via, allowUnencrypted = false } = options;
  const send = via === "extension" ? extension() : senderOf(options);
  const fetchMany = (targets: readonly SsmTarget[], call: Call) => getParameters(send, targets, allowUnencrypted, call);
  return {
    scheme,
    parse: (reference) => parseTarget(reference, options.region),
    async fetch(target, call) {
      if (via === "extension") return getParameter(send, target, allowUnencrypted, call);
      const found = (await fetchMany([target], call)).get(target.id);
      if (found === undefined) throw missing(target);
      if (found instanceof Error) throw found;
      return found;
    },
    // No quota of its own: a throttled batch of ten must not become eleven calls.
    ...(via === undefined && { batch: { size: batchSize, fetch: fetchMany } }),
    permissions: (targets, scope) =>
      permitReads(via === "extension" ? "ssm:GetParameter" : "ssm:GetParameters", targets, scope),
  };
}

async function getParameters(
  send: AwsClients,
  targets: readonly SsmTarget[],
  allowUnencrypted: boolean,
  call: Call,
): Promise<ReadonlyMap<string, SecretValue | SecretError>> {
  const [first, ...others] = targets;
  const region = first?.region ?? defaultRegion();
  const resource = first !== undefined && others.length === 0 ? { resource: first.name } : {};
  // SSM refuses one that is named twice.
  const input = { Names: [...new Set(targets.map(requestedName))], WithDecryption: true };
  const answer = await send({ service: "ssm", operation: "GetParameters", region, input, ...resource }, call);
  const parameters = Array.isArray(answer["Parameters"]) ? (answer["Parameters"] as Parameter[]) : [];
  // Not in the order of the request.
  return new Map(
    targets.map((target) => {
      const parameter = parameters.find((candidate) => isOf(target, candidate));
      return [target.id, parameter === undefined ? missing(target) : secretOf(parameter, allowUnencrypted)];
    }),
  );
}

async function getParameter(
  send: AwsClients,
  target: SsmTarget,
  allowUnencrypted: boolean,
  call: Call,
): Promise<SecretValue> {
  const region = target.region ?? defaultRegion();
  const input = { Name: requestedName(target), WithDecryption: true };
  const answer = await send({ service: "ssm", operation: "GetParameter", region, input, resource: target.name }, call);
  const value = secretOf(Object(answer["Parameter"]) as Parameter, allowUnencrypted);
  if (typeof value !== "string") throw value;
  return value;
}

/** With its version or label, as SSM takes it. */
const requestedName = ({ name, selector }: SsmTarget): string => name + selector;
