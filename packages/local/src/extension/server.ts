import { randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answer, errorBody } from "../answer.ts";
import type { Control, OpenCall } from "../control.ts";
import { isAwsError } from "../error.ts";
import { strike } from "../fault.ts";
import { guardHost } from "../guard.ts";
import { perform } from "../perform.ts";
import { services } from "../services.ts";
import type { State } from "../state.ts";
import { format } from "./format.ts";
import { type Query, readQuery } from "./query.ts";

/** What the extension works with. */
export interface ExtensionParts {
  readonly region: string;
  readonly accountId: string;
  /** What the header `X-Aws-Parameters-Secrets-Token` must be. */
  readonly token: string;
  readonly ttlMs: number;
  readonly state: State;
  readonly control: Control;
  /** Whether the start-up is over. */
  isReady(): boolean;
}

/** AWS's Parameters and Secrets extension, as a server on loopback. Its own calls are logged and checked like any other. */
export function createExtensionServer(parts: ExtensionParts): Server {
  const cache = new Map<string, { readonly body: string; readonly untilMs: number }>();
  return createServer((request, response) => {
    const work = async (): Promise<void> => {
      const query = admitted(request, response, parts);
      if (query === undefined) return;
      const key = JSON.stringify([query.operation, query.input]);
      const nowMs = Date.now() + parts.control.clockSkewMs;
      const cached = query.refreshNow ? undefined : cache.get(key);
      if (cached !== undefined && nowMs < cached.untilMs) return text(response, 200, cached.body, "application/json");
      const body = await fetched(query, response, parts);
      if (body === undefined) return;
      cache.set(key, { body, untilMs: nowMs + parts.ttlMs });
      text(response, 200, body, "application/json");
    };
    work().catch(() => response.destroy());
  });
}

/** Checks a request; answers the one that is refused. */
function admitted(request: IncomingMessage, response: ServerResponse, parts: ExtensionParts): Query | undefined {
  const refuse = (status: number, why: string): undefined => text(response, status, why);
  const refusal = guardHost(request);
  if (refusal !== undefined) return refuse(refusal.status, refusal.message);
  if (!parts.isReady()) return refuse(400, "not ready to serve traffic, please wait");
  if (request.method !== "GET") return refuse(405, "Not allowed");
  const token = Buffer.from(String(request.headers["x-aws-parameters-secrets-token"] ?? ""));
  const expected = Buffer.from(parts.token);
  if (token.length !== expected.length || !timingSafeEqual(token, expected)) return refuse(401, "unauthorized");
  const query = readQuery(request.url ?? "/");
  if (query === undefined) return refuse(404, "Not found");
  return typeof query === "string" ? refuse(400, query) : query;
}

/** Asks the service, with the function's credentials. What it refuses is answered with its status and its words. */
async function fetched(query: Query, response: ServerResponse, parts: ExtensionParts): Promise<string | undefined> {
  const { control, state, region, accountId } = parts;
  const { operation, input } = query;
  const call = opened(query, region);
  control.calls.push(call);
  if (control.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, control.latencyMs));
  try {
    const fault = control.take(operation);
    if (fault !== undefined) {
      call.fault = fault.kind;
      strike(fault, operation, response);
      return undefined;
    }
    const service = services.find(({ name }) => name === query.service);
    if (service === undefined) throw new Error(`No service ${query.service}`);
    const { requestId } = call;
    const result = perform({ service, operation, region, accountId, input, requestId }, state, control);
    call.status = 200;
    return format(operation, result ?? {});
  } catch (thrown) {
    if (!isAwsError(thrown)) throw thrown;
    call.status = thrown.status;
    call.errorName = thrown.name;
    answer(response, thrown.status, "application/json", errorBody(thrown));
    return undefined;
  }
}

function opened({ service, operation, input }: Query, region: string): OpenCall {
  const known = { service, operation, region, input, atMs: Date.now(), requestId: randomUUID() };
  const userAgent = "aws-parameters-and-secrets-lambda-extension";
  return { ...known, status: undefined, errorName: undefined, fault: undefined, userAgent, headerNames: [] };
}

function text(response: ServerResponse, status: number, body: string, type = "text/plain"): undefined {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}
