import { type Service, services } from "../../packages/aws-client/src/service.ts";
import type { Moto } from "./moto.ts";

/** Sends one request as it stands, with no client in between: what moto answers is seen as it is. */
export type Ask = (operation: string, input: object) => Promise<Answer>;

/** An HTTP answer: of the body what it holds as JSON, where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** Asks a service of moto's. */
export function askOf({ url, region }: Moto, service: Service): Ask {
  const { target, contentType } = services[service];
  // moto reads the region out of a signature and verifies none.
  const authorization = `AWS4-HMAC-SHA256 Credential=moto/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`;
  return async (operation, input) => {
    const headers = { authorization, "content-type": contentType, "x-amz-target": `${target}${operation}` };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(input) });
    const text = await response.text();
    return { status: response.status, ...parse(text) };
  };
}

/** Asks for what must succeed, as a contract's preparations must. */
export function adminOf(ask: Ask): (operation: string, input: object) => Promise<Record<string, unknown>> {
  return async (operation, input) => {
    const { status, body } = await ask(operation, input);
    if (status !== 200) throw new Error(`moto refused ${operation}: HTTP ${status} ${JSON.stringify(body)}`);
    return Object(body) as Record<string, unknown>;
  };
}

function parse(text: string): { readonly body?: unknown } {
  try {
    return { body: JSON.parse(text) };
  } catch {
    return {};
  }
}
