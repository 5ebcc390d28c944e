import { type Channel, channel } from "node:diagnostics_channel";
import type { SecretErrorCode } from "./error.ts";

/**
 * One call of a provider that is over: message of `serverless-secrets:fetch`, and of `serverless-secrets:refresh` where
 * nobody waited for it.
 */
export interface FetchMessage {
  readonly scheme: string;
  /** `scheme::ref` of each secret that was asked for; never a payload. */
  readonly references: readonly string[];
  /** When it was sent, in ms since the epoch. */
  readonly sentMs: number;
  /** How long it took, in ms. */
  readonly tookMs: number;
  /** Of the failures in their order; empty where all came. */
  readonly codes: readonly SecretErrorCode[];
}

/** Values that were served from memory: message of `serverless-secrets:hit`. */
export interface HitMessage {
  /** How many. */
  readonly count: number;
}

/** A secret that a caller did not get: message of `serverless-secrets:error`. */
export interface ErrorMessage {
  readonly code: SecretErrorCode;
  /** Its name in the code. */
  readonly secretName: string | undefined;
  /** Its `scheme::ref`, if it parsed. */
  readonly reference: string | undefined;
}

/**
 * What this library tells observers, on [diagnostics channels](https://nodejs.org/api/diagnostics_channel.html): names,
 * counts and times, never a value. With no subscriber a message is not even made.
 */
export const channels: {
  readonly fetch: Channel;
  readonly refresh: Channel;
  readonly hit: Channel;
  readonly error: Channel;
} = {
  fetch: channel("serverless-secrets:fetch"),
  refresh: channel("serverless-secrets:refresh"),
  hit: channel("serverless-secrets:hit"),
  error: channel("serverless-secrets:error"),
};
