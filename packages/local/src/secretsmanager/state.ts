import type { Envelope } from "../envelope.ts";

/** One version of a secret's value. Its value never changes; its stages move. */
export interface Version {
  /** The ClientRequestToken that it was put with. */
  readonly id: string;
  readonly createdMs: number;
  /** Which member of an answer holds the value. */
  readonly kind: "SecretString" | "SecretBinary";
  value: Envelope;
  /** The customer key it is encrypted under; left out: `aws/secretsmanager`. */
  kmsKeyId?: string;
  stages: string[];
}

export interface Secret {
  readonly name: string;
  readonly region: string;
  /** Six random characters: the end of its ARN. */
  readonly suffix: string;
  readonly createdMs: number;
  description?: string;
  /** As it was given: an id, an ARN or an alias. Left out: `aws/secretsmanager`. */
  kmsKeyId?: string;
  changedMs: number;
  rotatedMs?: number;
  /** When it was marked for deletion, and when it goes. Set together. */
  deletedMs?: number;
  deletionMs?: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Oldest first. */
  versions: Version[];
}

export interface SecretsManagerState {
  secrets: Secret[];
}

/** Deletes the secrets whose recovery window is over. */
export function elapse(state: SecretsManagerState, nowMs: number): void {
  state.secrets = state.secrets.filter(({ deletionMs }) => deletionMs === undefined || deletionMs > nowMs);
}
