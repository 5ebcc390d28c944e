import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answer, errorBody } from "./answer.ts";
import { parseBody, readBody } from "./body.ts";
import type { Control, OpenCall } from "./control.ts";
import type { LocalCredentials } from "./credentials.ts";
import { awsError, isAwsError } from "./error.ts";
import { strike } from "./fault.ts";
import { guard } from "./guard.ts";
import { perform } from "./perform.ts";
import type { Service } from "./service.ts";
import { services } from "./services.ts";
import { verifySignature } from "./signature.ts";
import type { State } from "./state.ts";

/** What the server works with. */
export interface Parts {
  readonly accountId: string;
  readonly credentials: LocalCredentials;
  readonly state: State;
  readonly control: Control;
}

/** The HTTP side: guards, reads, verifies, and writes what an operation answers. */
export function createAwsServer(parts: Parts): Server {
  return createServer((request, response) => {
    handle(request, response, parts).catch(() => response.destroy()); // the client went away while it was sending
  });
}

async function handle(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { control } = parts;
  const requestId = randomUUID();
  response.setHeader("x-amzn-requestid", requestId);
  response.setHeader("date", new Date(Date.now() + control.clockSkewMs).toUTCString());
  const refusal = guard(request);
  if (refusal !== undefined) {
    response.setHeader("connection", "close");
    answer(response, refusal.status, "application/json", { __type: "LocalAwsRefusal", message: refusal.message });
    return;
  }
  const { service, operation } = targetOf(request.headers["x-amz-target"]);
  const call = opened(request, requestId, service, operation);
  const contentType = `application/x-amz-json-${service?.jsonVersion ?? "1.1"}`;
  try {
    const body = await arrived(request, call, control);
    if (service === undefined || operation === undefined || !isType(request, contentType)) {
      throw awsError("UnknownOperationException", "", 404);
    }
    const nowMs = Date.now() + control.clockSkewMs;
    const expected = { ...parts.credentials, service: service.name, nowMs };
    const region = verifySignature({ method: "POST", path: "/", headers: pairs(request.rawHeaders), body }, expected);
    call.region = region;
    const fault = control.take(operation);
    if (fault !== undefined) {
      call.fault = fault.kind;
      strike(fault, operation, response);
      call.status = response.headersSent ? response.statusCode : undefined;
      return;
    }
    const input = parseBody(body);
    call.input = logged(service, input);
    const { accountId, state } = parts;
    const result = await perform({ service, operation, region, accountId, input, requestId }, state, control);
    call.status = 200;
    answer(response, 200, contentType, result);
  } catch (thrown) {
    if (request.socket.destroyed) return; // the client went away, or the server was stopped: nobody to answer
    // What is not meant for the client may quote anything, so only its being is told.
    const error = isAwsError(thrown) ? thrown : awsError("InternalFailure", "Local AWS failed", 500);
    call.status = error.status;
    call.errorName = error.name;
    if (error.status === 413) response.setHeader("connection", "close");
    answer(response, error.status, contentType, errorBody(error));
  }
}

/** Reads the body, logs the call, in the order of arrival, and lets the latency pass. */
async function arrived(request: IncomingMessage, call: OpenCall, control: Control): Promise<Buffer> {
  const body = readBody(request);
  await body.catch(() => undefined);
  call.atMs = Date.now();
  control.calls.push(call);
  if (control.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, control.latencyMs));
  return body;
}

function opened(request: IncomingMessage, requestId: string, service?: Service<unknown>, operation?: string): OpenCall {
  return {
    service: service?.name,
    operation,
    region: undefined,
    status: undefined,
    errorName: undefined,
    fault: undefined,
    input: {},
    atMs: Date.now(),
    userAgent: request.headers["user-agent"],
    headerNames: pairs(request.rawHeaders).map(([name]) => name.toLowerCase()),
    requestId,
  };
}

function targetOf(target: string | string[] | undefined): { service?: Service<unknown>; operation?: string } {
  if (typeof target !== "string") return {};
  const service = services.find(({ targetPrefix }) => target.startsWith(targetPrefix));
  const operation = service && /^[A-Za-z]{1,64}$/.exec(target.slice(service.targetPrefix.length))?.[0];
  return operation === undefined ? {} : { service: service as Service<unknown>, operation };
}

const isType = (request: IncomingMessage, type: string): boolean =>
  request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() === type;

function logged(service: Service<unknown>, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => service.logged.includes(name)));
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []));
}
