import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, keyArn } from "./arn.ts";
import { findById } from "./find.ts";
import type { KmsState } from "./state.ts";

const marker = { type: "string", min: 1, max: 1024 } as const;

/** 1 to 1,000 at once (default 100). https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export const listKeys: Operation<KmsState> = (request) => {
  const limit = { type: "integer", min: 1, max: 1000 } as const;
  const input = readInput(request.input, { Limit: limit, Marker: marker });
  request.authorize("kms:ListKeys", "*");
  const keys = request.state.keys.filter(({ region }) => region === request.region);
  const ids = keys.map(({ id }) => id).sort();
  const { page, ...rest } = paged(ids, (id) => id, input.Limit ?? 100, input.Marker);
  return { Keys: page.map((id) => ({ KeyId: id, KeyArn: keyArn(request, id) })), ...rest };
};

/** 1 to 100 at once (default 50). https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export const listAliases: Operation<KmsState> = (request) => {
  const limit = { type: "integer", min: 1, max: 100 } as const;
  const keyId = { type: "string", min: 1, max: 2048 } as const;
  const input = readInput(request.input, { KeyId: keyId, Limit: limit, Marker: marker });
  const key = input.KeyId === undefined ? undefined : findById(request, input.KeyId).key;
  request.authorize("kms:ListAliases", "*");
  const all = request.state.aliases.filter(({ region }) => region === request.region);
  const asked = all.filter((alias) => key === undefined || alias.keyId === key.id);
  const sorted = asked.sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, ...rest } = paged(sorted, ({ name }) => name, input.Limit ?? 50, input.Marker);
  const Aliases = page.map((alias) => ({
    AliasName: alias.name,
    AliasArn: arnOf(request, alias.name),
    TargetKeyId: alias.keyId,
    CreationDate: alias.createdMs / 1000,
    LastUpdatedDate: alias.updatedMs / 1000,
  }));
  return { Aliases, ...rest };
};

interface Page<T> {
  readonly page: readonly T[];
  readonly Truncated: boolean;
  readonly NextMarker?: string;
}

/** The marker is the last name given, so that a page stays right when things come and go between two calls. */
function paged<T>(all: readonly T[], nameOf: (one: T) => string, limit: number, after: string | undefined): Page<T> {
  const last = after === undefined ? "" : Buffer.from(after, "base64url").toString();
  if (after !== undefined && Buffer.from(last).toString("base64url") !== after)
    throw awsError("InvalidMarkerException");
  const rest = all.filter((one) => nameOf(one) > last);
  const page = rest.slice(0, limit);
  const end = page.at(-1);
  if (end === undefined || rest.length === page.length) return { page, Truncated: false };
  return { page, Truncated: true, NextMarker: Buffer.from(nameOf(end)).toString("base64url") };
}
