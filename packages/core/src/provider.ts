import type { SecretError } from "./error.ts";
import type { Reference } from "./reference.ts";

/** What a store holds: text, or bytes where it makes no promise of text. */
export type SecretValue = string | Uint8Array;

/** What one reference asks its store for. A provider adds fields of its own. */
export interface Target {
  /**
   * What ONE fetch brings, and the cache key: a secret's version, or a wrapped data key. Targets of one id are
   * interchangeable for `fetch` and agree in `pinned` and `batch`.
   */
  readonly id: string;
  /** Whether that can never change (a ciphertext, a version id): such a value never expires. */
  readonly pinned: boolean;
  /** Targets share a batch only where this is equal (e.g. the region). Left out: fetched alone, by `fetch`. */
  readonly batch?: string;
}

/** The circumstances of one fetch. */
export interface Call {
  /** Aborted at the deadline. The core gives up then, whether or not the provider listens. */
  readonly signal: AbortSignal;
  /** When the answer comes too late, in ms since the epoch; no retry past it. */
  readonly deadlineMs: number;
  /** Nobody waits for it: a refresh behind a value that is served meanwhile. */
  readonly background: boolean;
  /** To be told of an attempt that failed and is made again: a caller that stops waiting meanwhile then learns why. */
  readonly attemptFailed?: (error: SecretError) => void;
}

/** Reads secrets of one scheme from one store. A plain object; a package exports a factory that returns one. */
export interface Provider<T extends Target = Target> {
  /** `[a-z][a-z0-9-]*`; one provider a scheme in one resolver. */
  readonly scheme: string;
  /**
   * Reads a reference. Pure: no I/O, no clock, the same answer for the same reference.
   * @throws SecretError `ERR_SECRET_REFERENCE`, quoting nothing of what it refuses
   */
  parse(reference: Reference): T;
  /**
   * Asks the store for one target.
   * @throws SecretError with the code that fits; any other error becomes `ERR_SECRET_PROVIDER`, its message dropped
   */
  fetch(target: T, call: Call): Promise<SecretValue>;
  /** Asks the store for many targets in one call. The core collects, groups and chunks them. */
  readonly batch?: {
    /** How many targets one call takes: at least 1. */
    readonly size: number;
    /** Values by `id`. One left out was not found; one that failed on its own maps to its error. */
    fetch(targets: readonly T[], call: Call): Promise<ReadonlyMap<string, SecretValue | SecretError>>;
    /** Whether single fetches have a quota of their own, so that a throttled batch is worth asking for singly. */
    readonly aloneIfUnavailable?: boolean;
  };
  /**
   * This reference's value, out of what was fetched for its `id` (one data key opens many). Synchronous, no network.
   * Left out: the value is what was fetched.
   * @throws SecretError `ERR_SECRET_INTEGRITY`
   */
  open?(target: T, fetched: SecretValue): SecretValue;
  /** What these targets need to be allowed, as a whole: batching and merging depend on the set. Pure. */
  permissions(targets: readonly T[], scope: Scope): readonly Permission[];
}

/** One IAM `Allow` statement. */
export interface Permission {
  /** E.g. `kms:Decrypt`. */
  readonly actions: readonly string[];
  /** ARNs, or `*`. */
  readonly resources: readonly string[];
  /** As in IAM: operator → condition key → value or values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where a policy is for. Values may be literals or CloudFormation or Terraform expressions. */
export interface Scope {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** The KMS key behind a store's entry, which no reference need know. */
  keyArn(id: string): string | undefined;
}

/** Writes secrets of one scheme. Apart from `Provider`, so that what a function bundles cannot write. */
export interface Sealer {
  readonly scheme: string;
  /**
   * Writes or encrypts a value.
   * @param unsealed where to: a reference without payload, its options (`name`, `context.NAME`, …) included
   * @param plaintext the secret
   * @returns the reference to commit
   * @throws SecretError as `Provider.fetch`
   */
  seal(unsealed: Reference, plaintext: SecretValue, call: Call): Promise<Reference>;
  /** What sealing these needs to be allowed. Pure. */
  permissions(unsealed: readonly Reference[], scope: Scope): readonly Permission[];
}
