import { awsError } from "../error.ts";
import { readInput } from "../input.ts";
import { pageOf } from "../page.ts";
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
  const { page, next } = pageOf(ids, (id) => id, input.Limit ?? 100, input.Marker, invalid);
  return { Keys: page.map((id) => ({ KeyId: id, KeyArn: keyArn(request, id) })), ...marked(next) };
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
  const { page, next } = pageOf(sorted, ({ name }) => name, input.Limit ?? 50, input.Marker, invalid);
  const Aliases = page.map((alias) => ({
    AliasName: alias.name,
    AliasArn: arnOf(request, alias.name),
    TargetKeyId: alias.keyId,
    CreationDate: alias.createdMs / 1000,
    LastUpdatedDate: alias.updatedMs / 1000,
  }));
  return { Aliases, ...marked(next) };
};

const invalid = (): Error => awsError("InvalidMarkerException");

const marked = (next: string | undefined): object =>
  next === undefined ? { Truncated: false } : { Truncated: true, NextMarker: next };
