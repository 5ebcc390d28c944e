/** A KMS key in one region. Replicas of a multi-Region key share `id` and `material`. */
export interface Key {
  /** A UUID, or `mrk-` and 32 hex digits. */
  readonly id: string;
  readonly region: string;
  /** 32 random bytes, base64. */
  readonly material: string;
  readonly description: string;
  readonly createdMs: number;
  enabled: boolean;
  /** When it is deleted, epoch milliseconds; set while it is pending deletion. */
  deletionMs?: number;
  /** Where its primary key is; set for multi-Region keys. */
  readonly primaryRegion?: string;
  /** The service whose AWS-managed key it is, such as `ssm`. */
  readonly managedBy?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Alias {
  /** With its prefix: `alias/app`. */
  readonly name: string;
  readonly region: string;
  keyId: string;
  readonly createdMs: number;
  updatedMs: number;
}

export interface KmsState {
  keys: Key[];
  aliases: Alias[];
}

/** Deletes the keys whose waiting period is over, with their aliases. */
export function elapse(state: KmsState, nowMs: number): void {
  const gone = state.keys.filter((key) => key.deletionMs !== undefined && key.deletionMs <= nowMs);
  if (gone.length === 0) return;
  state.keys = state.keys.filter((key) => !gone.includes(key));
  const orphan = (alias: Alias): boolean =>
    gone.some(({ id, region }) => id === alias.keyId && region === alias.region);
  state.aliases = state.aliases.filter((alias) => !orphan(alias));
}
