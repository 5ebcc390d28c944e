import type { Call } from "@serverless-secrets/core";
import type { Service } from "./service.ts";

/** One call of an AWS JSON service. */
export interface AwsRequest {
  readonly service: Service;
  /** As the API names it, e.g. `Decrypt`. */
  readonly operation: string;
  /** Where to call and what to sign for, e.g. `eu-west-1`. */
  readonly region: string;
  /** The operation's input, as JSON: bytes stand as base64 text. */
  readonly input: object;
  /** The ARN that it is asked for, for error messages. It may be logged, so it must not be secret. */
  readonly resource?: string;
}

/**
 * Calls AWS: what providers are given, so that the direct path, the SDK or a user's own function can stand behind them.
 * @param request what to ask
 * @param call the deadline and the signal that end it
 * @returns the parsed answer of a status 200, `{}` where AWS answers with nothing; bytes stand as base64 text
 * @throws SecretError; see the error table of this package's README
 */
export type AwsClients = (request: AwsRequest, call: Call) => Promise<Record<string, unknown>>;

/** The IAM action that a request needs: of these services all are named by their operation. */
export function actionOf(request: AwsRequest): string {
  return `${request.service}:${request.operation}`;
}

/** A request as an error names it: `kms:Decrypt on arn:aws:kms:…`. */
export function nameOf(request: AwsRequest): string {
  return request.resource === undefined ? actionOf(request) : `${actionOf(request)} on ${request.resource}`;
}
