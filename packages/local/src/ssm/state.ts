import type { Envelope } from "../envelope.ts";

/** A stored value: encrypted by KMS itself (a SecureString of the standard tier, as AWS does it), or under a data key. */
export type Stored = { readonly blob: string } | Envelope;

export type ParameterType = "String" | "StringList" | "SecureString";
export type Tier = "Standard" | "Advanced";

/** One version of a parameter. Nothing of it changes but its labels. */
export interface Version {
  readonly version: number;
  readonly type: ParameterType;
  readonly value: Stored;
  readonly tier: Tier;
  readonly modifiedMs: number;
  readonly userArn: string;
  /** As it was given, for a SecureString alone. */
  readonly keyId?: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  labels: string[];
}

export interface Parameter {
  readonly name: string;
  readonly region: string;
  /** Oldest first; at least one. */
  versions: Version[];
}

export interface SsmState {
  parameters: Parameter[];
}

/** The version that counts where none is named. */
export function latestOf(parameter: Parameter): Version {
  const latest = parameter.versions.at(-1);
  if (latest === undefined) throw new Error("A parameter has no version");
  return latest;
}
