import { awsError } from "../error.ts";
import { type Input, readInput } from "../input.ts";
import type { Operation, OperationRequest } from "../service.ts";
import { arnOf, keyArn } from "./arn.ts";
import { type Found, findAlias, findById } from "./find.ts";
import { notManaged } from "./managed.ts";
import type { KmsState } from "./state.ts";
import { notPendingDeletion } from "./use.ts";

type Request = OperationRequest<KmsState>;

const aliasName = { type: "string", required: true, min: 1, max: 256, pattern: "[a-zA-Z0-9:/_-]+" } as const;
const target = { type: "string", required: true, min: 1, max: 2048 } as const;
const shape = { AliasName: aliasName, TargetKeyId: target } as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: Operation<KmsState> = (request) => {
  const { name, found } = read(request, readInput(request.input, shape));
  request.authorize("kms:CreateAlias", arnOf(request, name));
  request.authorize("kms:CreateAlias", found.arn);
  const { aliases } = request.state;
  if (aliases.some((alias) => alias.region === request.region && alias.name === name)) {
    const message = `An alias with the name ${arnOf(request, name)} already exists`;
    throw awsError("AlreadyExistsException", message);
  }
  notPendingDeletion(found);
  const { nowMs: createdMs, nowMs: updatedMs, region } = request;
  aliases.push({ name, region, keyId: found.key.id, createdMs, updatedMs });
  request.save();
  return undefined;
};

/** Whoever may do this redirects all who use the alias. https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html */
export const updateAlias: Operation<KmsState> = (request) => {
  const { name, found } = read(request, readInput(request.input, shape));
  const alias = findAlias(request, name);
  request.authorize("kms:UpdateAlias", arnOf(request, name));
  request.authorize("kms:UpdateAlias", keyArn(request, alias.keyId));
  request.authorize("kms:UpdateAlias", found.arn);
  notPendingDeletion(found);
  alias.keyId = found.key.id;
  alias.updatedMs = request.nowMs;
  request.save();
  return undefined;
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html */
export const deleteAlias: Operation<KmsState> = (request) => {
  const { AliasName: name } = readInput(request.input, { AliasName: aliasName });
  checkName(name);
  const alias = findAlias(request, name);
  request.authorize("kms:DeleteAlias", arnOf(request, name));
  request.authorize("kms:DeleteAlias", keyArn(request, alias.keyId));
  request.state.aliases = request.state.aliases.filter((each) => each !== alias);
  request.save();
  return undefined;
};

function read(request: Request, input: Input<typeof shape>): { readonly name: string; readonly found: Found } {
  const { AliasName: name, TargetKeyId: id } = input;
  checkName(name);
  if (/(^|:)alias\//.test(id)) throw awsError("ValidationException", "Aliases must refer to keys. Not aliases");
  const found = findById(request, id);
  notManaged(request, found, `kms:${request.operation}`);
  return { name, found };
}

function checkName(name: string): void {
  if (!name.startsWith("alias/")) {
    const see = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
    throw awsError("ValidationException", `Alias must start with the prefix "alias/". Please see ${see}`);
  }
  if (name.startsWith("alias/aws/")) throw awsError("NotAuthorizedException");
  if (name === "alias/" || name.includes(":")) {
    throw awsError("ValidationException", `${name} contains invalid characters for an alias`);
  }
}
