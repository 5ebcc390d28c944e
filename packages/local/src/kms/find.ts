import { awsError } from "../error.ts";
import type { OperationRequest } from "../service.ts";
import { arnOf, keyArn } from "./arn.ts";
import { managedAlias } from "./managed.ts";
import type { Alias, Key, KmsState } from "./state.ts";

type Request = OperationRequest<KmsState>;

/** A key as a request names it. */
export interface Found {
  readonly key: Key;
  readonly arn: string;
  /** The alias that it was named by, if it was. */
  readonly alias?: string;
}

const keyId = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i;

/**
 * Finds a key by its id, key ARN, alias name or alias ARN, in the request's own region.
 * https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 *
 * @throws AwsError `NotFoundException`; `AccessDeniedException` for another account's, as AWS answers.
 */
export function findKey(request: Request, name: string): Found {
  const resource = resourceOf(request, name);
  if (!resource.startsWith("alias/")) return findById(request, resource);
  const alias = findAlias(request, resource);
  return { ...findById(request, alias.keyId), alias: resource };
}

/** Finds a key where AWS takes no alias: by its id or key ARN. */
export function findById(request: Request, name: string): Found {
  const id = resourceOf(request, name).replace(/^key\//, "");
  if (!keyId.test(id)) throw awsError("NotFoundException", `Invalid keyId '${id}'`);
  const key = request.state.keys.find((each) => each.region === request.region && each.id === id);
  if (key === undefined) throw awsError("NotFoundException", `Key '${keyArn(request, id)}' does not exist`);
  return { key, arn: keyArn(request, id) };
}

/** Finds an alias by its name, in the request's region. */
export function findAlias(request: Request, name: string): Alias {
  const known = request.state.aliases.find((each) => each.region === request.region && each.name === name);
  const alias = known ?? managedAlias(request, name);
  if (alias === undefined) throw awsError("NotFoundException", `Alias ${arnOf(request, name)} is not found.`);
  return alias;
}

/** What stands after the account in an ARN; anything else is given back as it is. */
function resourceOf(request: Request, name: string): string {
  if (!name.startsWith("arn:")) return name;
  const [, partition, service, region = "", accountId = "", ...rest] = name.split(":");
  if (region !== request.region) throw awsError("NotFoundException", `Invalid arn ${region}`);
  const resource = rest.join(":");
  const place = { region, accountId };
  if (service !== "kms" || arnOf(place, resource) !== `arn:${partition}:kms:${region}:${accountId}:${resource}`) {
    throw awsError("NotFoundException", `Invalid arn ${name}`);
  }
  if (accountId !== request.accountId) throw foreign(request, name);
  return resource;
}

function foreign(request: Request, arn: string): Error {
  const action = `kms:${request.operation}`;
  const why =
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based " +
    "policy explicitly denies access";
  return awsError(
    "AccessDeniedException",
    `User: ${request.userArn} is not authorized to perform: ${action} on resource: ${arn} ${why}`,
  );
}
