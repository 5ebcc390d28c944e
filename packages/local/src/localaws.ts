import type { LocalCredentials } from "./credentials.ts";
import type { DenyRule } from "./deny.ts";
import type { LocalExtension, LocalExtensionOptions } from "./extension/start.ts";
import type { Fault } from "./fault.ts";
import type { LocalCall, LocalCheck } from "./log.ts";

/** Options of `startLocalAws`. */
export interface LocalAwsOptions {
  /** TCP port on 127.0.0.1, 0–65535. Default 0: any free one. */
  readonly port?: number;
  /** Where keys and values outlive the server: a folder of mode 0700, made where there is none. Default: in memory alone. */
  readonly folder?: string;
  /** The region that `env` names. Default `us-east-1`. Calls may be signed for any. */
  readonly region?: string;
  /** Twelve digits. Default `111122223333`. */
  readonly accountId?: string;
}

/** A key as `createKey` made it. */
export interface LocalKey {
  readonly keyId: string;
  readonly arn: string;
}

/** A secret to make. A `Uint8Array` is a binary one. */
export interface LocalSecretOptions {
  readonly name: string;
  readonly value: string | Uint8Array;
  /** A customer key, by id, ARN or alias. Default: `aws/secretsmanager`. */
  readonly kmsKeyId?: string;
  /** Default: the server's. */
  readonly region?: string;
}

/** A parameter to put. Where there is one of that name, this is its next version. */
export interface LocalParameterOptions {
  readonly name: string;
  readonly value: string;
  /** Default `SecureString`. */
  readonly type?: "String" | "StringList" | "SecureString";
  /** A customer key, by id, ARN or alias. Default: `aws/ssm`. */
  readonly keyId?: string;
  /** Default: the server's. */
  readonly region?: string;
}

/** A running server. */
export interface LocalAws {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** Random at each start, with a folder too. */
  readonly credentials: LocalCredentials;
  /** Environment variables that point this library, the AWS CLI and the AWS SDKs at this server. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls that arrived, in order. */
  readonly calls: readonly LocalCall[];
  /** Authorisation checks that AWS would make, in order. */
  readonly checks: readonly LocalCheck[];
  /** Makes a key without a call: neither log shows it. `region`: default the server's. `alias`: `alias/…`, or none. */
  createKey(options?: { readonly alias?: string; readonly region?: string; readonly multiRegion?: boolean }): LocalKey;
  /** Makes a secret without a call. Throws what AWS would refuse it with. */
  createSecret(options: LocalSecretOptions): { readonly arn: string; readonly versionId: string };
  /** Puts a parameter without a call. Throws what AWS would refuse it with. */
  putParameter(options: LocalParameterOptions): { readonly version: number };
  /** Starts AWS's Parameters and Secrets extension, on a port of its own. It stops with the server. */
  startExtension(options?: LocalExtensionOptions): Promise<LocalExtension>;
  /** Empties `calls` and `checks`. */
  clearLog(): void;
  /** Delays every answer. Milliseconds, 0 or more; 0 at the start. */
  setLatency(latencyMs: number): void;
  /** Sets the server's clock forward (or back, below 0), in milliseconds: signatures expire, deletions fall due. */
  setClockSkew(skewMs: number): void;
  /** Makes calls fail, until the function that it returns is called or its `times` are over. */
  fail(fault: Fault): () => void;
  /** Denies an action, until the function that it returns is called. */
  deny(rule: DenyRule): () => void;
  /** Closes every connection, answered or not, and lets go of the folder. May be called again. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
