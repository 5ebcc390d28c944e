import { awsError } from "../error.ts";
import { type Input, readInput } from "../input.ts";
import type { Operation } from "../service.ts";
import { arnOf, checkNewName, find, type Request } from "./name.ts";
import { latestOf, type Parameter, type ParameterType, type SsmState, type Tier, type Version } from "./state.ts";
import { managedKey, store } from "./value.ts";

const shape = {
  Name: { type: "string", required: true, min: 1, max: 2048 },
  Value: { type: "string", required: true, min: 1, secret: true },
  Type: { type: "string", oneOf: ["String", "StringList", "SecureString"] },
  KeyId: { type: "string", min: 1, max: 256 },
  Overwrite: { type: "boolean" },
  Description: { type: "string", max: 1024 },
  AllowedPattern: { type: "string", max: 1024 },
  Tier: { type: "string", oneOf: ["Standard", "Advanced", "Intelligent-Tiering"] },
  Tags: { type: "structures" },
} as const;

const maxVersions = 100;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export const putParameter: Operation<SsmState> = (request) => {
  const input = readInput(request.input, shape);
  const name = input.Name;
  checkNewName(name);
  request.authorize("ssm:PutParameter", arnOf(request, name), { "ssm:Overwrite": String(input.Overwrite ?? false) });
  const there = find(request, name);
  if (there !== undefined && !input.Overwrite) {
    const cure = "To overwrite this value, set the overwrite option in the request to true.";
    throw awsError("ParameterAlreadyExists", `The parameter already exists. ${cure}`);
  }
  const version = next(request, there, input);
  if (there === undefined) request.state.parameters.push({ name, region: request.region, versions: [version] });
  else there.versions = [...makeRoom(there), version];
  request.save();
  return { Version: version.version, Tier: version.tier };
};

function next(request: Request, there: Parameter | undefined, input: Input<typeof shape>): Version {
  const before = there && latestOf(there);
  const type = typeOf(input, before);
  if (input.KeyId !== undefined && type !== "SecureString") {
    throw invalid("KeyId is required for SecureString type parameter only.");
  }
  const tier = tierOf(input, before);
  checkPattern(input);
  const keyId = type === "SecureString" ? { keyId: input.KeyId ?? managedKey } : {};
  return {
    version: (before?.version ?? 0) + 1,
    type,
    tier,
    value: store(request, input.Name, { type, tier, ...keyId }, input.Value),
    modifiedMs: request.nowMs,
    userArn: request.userArn,
    ...keyId,
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.AllowedPattern === undefined ? {} : { allowedPattern: input.AllowedPattern }),
    labels: [],
  };
}

function typeOf(input: Input<typeof shape>, before: Version | undefined): ParameterType {
  const type = (input.Type ?? before?.type) as ParameterType | undefined;
  if (type === undefined) throw invalid("A parameter type is required when you create a parameter.");
  if (before === undefined || before.type === type) return type;
  const instead = "You must create a new, unique parameter.";
  throw awsError("HierarchyTypeMismatchException", `A parameter's type can't be changed. ${instead}`);
}

const maxBytes: Readonly<Record<Tier, number>> = { Standard: 4096, Advanced: 8192 };

function tierOf({ Tier: asked, Value: value }: Input<typeof shape>, before: Version | undefined): Tier {
  const size = Buffer.byteLength(value);
  const fitting: Tier = size > maxBytes.Standard || before?.tier === "Advanced" ? "Advanced" : "Standard";
  const tier = asked === "Intelligent-Tiering" ? fitting : ((asked ?? before?.tier ?? "Standard") as Tier);
  if (before?.tier === "Advanced" && tier === "Standard") {
    const what = "You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.";
    throw invalid(`This parameter uses the advanced-parameter tier. ${what}`);
  }
  if (size <= maxBytes[tier]) return tier;
  const cure = "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.";
  const most = `${tier} tier parameters support a maximum parameter value of ${maxBytes[tier]} characters.`;
  throw invalid(tier === "Standard" ? `${most} ${cure}` : most);
}

function checkPattern({ AllowedPattern: pattern, Value: value, Overwrite, Tags }: Input<typeof shape>): void {
  if (Overwrite && Tags !== undefined && Tags.length > 0) {
    const what = "tags and overwrite can't be used together.";
    throw invalid(`Invalid request: ${what} To create a parameter with tags, please remove overwrite flag.`);
  }
  if (pattern === undefined) return;
  let matches: boolean;
  try {
    matches = new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    throw awsError("InvalidAllowedPatternException", "The allowed pattern is not a regular expression.");
  }
  // Of the value not a letter: this text goes into logs.
  if (!matches)
    throw awsError("ParameterPatternMismatchException", "Parameter value failed to match the allowedPattern.");
}

/** Of 100 versions the oldest goes, unless it has a label. */
function makeRoom(parameter: Parameter): readonly Version[] {
  const { versions } = parameter;
  if (versions.length < maxVersions) return versions;
  if (versions[0]?.labels.length === 0) return versions.slice(1);
  const message = "The oldest version of the parameter has a label: move the label to another version, and try again.";
  throw awsError("ParameterMaxVersionLimitExceeded", message);
}

const invalid = (message: string): Error => awsError("ValidationException", message);
