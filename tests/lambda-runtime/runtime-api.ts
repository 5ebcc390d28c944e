import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { LambdaError, Outcome } from "./outcome.ts";

/** The Lambda service, as one execution environment sees it. */
export interface RuntimeApi {
  /** For `AWS_LAMBDA_RUNTIME_API`: host and port. */
  readonly address: string;
  /** Hands the event to the runtime. Never rejects. The deadline is `timeoutMs` after the runtime took it; then the outcome is
   *  `Sandbox.Timedout`. An environment that failed to start, or ended, gives that error for every event. */
  invoke(event: unknown, options: { readonly timeoutMs: number }): Promise<Outcome>;
  /** Fulfilled when the runtime reports that the function failed to start; pending for ever when it does not. */
  readonly initError: Promise<LambdaError>;
  /** Ends every waiting and every later invocation with this error: the runtime is gone. The first call counts. */
  end(error: LambdaError): void;
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly timeoutMs: number;
  settle(result: Omit<Outcome, "elapsedMs">): void;
  takenMs?: number;
  timer?: NodeJS.Timeout;
}

const ANSWER = /^\/2018-06-01\/runtime\/invocation\/([\w-]+)\/(response|error)$/;
const FUNCTION_ARN = "arn:aws:lambda:us-west-1:111122223333:function:under-test";

/** Starts a Lambda Runtime API on a free port of loopback: what a runtime asks for its events, and answers. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const queue: Invocation[] = [];
  const idle: ServerResponse[] = [];
  const taken = new Map<string, Invocation>();
  const init = Promise.withResolvers<LambdaError>();
  let ended: LambdaError | undefined;

  function end(error: LambdaError): void {
    ended ??= error;
    for (const invocation of [...queue.splice(0), ...taken.values()]) invocation.settle({ error: ended });
  }

  /** Gives waiting events to idle runtimes. */
  function dispatch(): void {
    while (queue.length > 0 && idle.length > 0) take(queue.shift() as Invocation, idle.shift() as ServerResponse);
  }

  function take(invocation: Invocation, answer: ServerResponse): void {
    const { id, timeoutMs } = invocation;
    invocation.takenMs = Date.now();
    const errorMessage = `RequestId: ${id} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
    const error = { errorType: "Sandbox.Timedout", errorMessage };
    invocation.timer = setTimeout(() => invocation.settle({ error }), timeoutMs);
    taken.set(id, invocation);
    answer.setHeader("Lambda-Runtime-Aws-Request-Id", id);
    answer.setHeader("Lambda-Runtime-Deadline-Ms", invocation.takenMs + timeoutMs);
    answer.setHeader("Lambda-Runtime-Invoked-Function-Arn", FUNCTION_ARN);
    answer.setHeader(
      "Lambda-Runtime-Trace-Id",
      `Root=1-${id.slice(0, 8)}-${id.replaceAll("-", "").slice(0, 24)};Sampled=0`,
    );
    reply(answer, 200, invocation.event);
  }

  async function serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === "GET /2018-06-01/runtime/invocation/next") {
      idle.push(answer);
      return dispatch();
    }
    if (route === "POST /2018-06-01/runtime/init/error") {
      const error = (await json(request)) as LambdaError;
      init.resolve(error);
      end(error);
      return reply(answer, 202, { status: "OK" });
    }
    const [, id, kind] = (request.method === "POST" && ANSWER.exec(request.url ?? "")) || [];
    const invocation = id === undefined ? undefined : taken.get(id);
    if (invocation === undefined) return reply(answer, 400, { errorType: "InvalidRequestID", errorMessage: route });
    const body = await json(request);
    // Answered first, so that the runtime is free for the next event when the caller sends it.
    reply(answer, 202, { status: "OK" });
    invocation.settle(kind === "error" ? { error: body as LambdaError } : { response: body });
  }

  // The runtime sends a failure's stack as a header as well (X-Ray), which outgrows the default limit of 16 KiB.
  const server = createServer({ maxHeaderSize: 1 << 20 }, (request, answer) => {
    serve(request, answer).catch((cause) => answer.destroy(cause));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initError: init.promise,
    end,
    invoke(event, { timeoutMs }) {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const invocation: Invocation = {
        id: randomUUID(),
        event,
        timeoutMs,
        settle(result) {
          clearTimeout(invocation.timer);
          taken.delete(invocation.id);
          resolve({ ...result, elapsedMs: Date.now() - (invocation.takenMs ?? Date.now()) });
        },
      };
      if (ended) invocation.settle({ error: ended });
      else queue.push(invocation);
      dispatch();
      return promise;
    },
    async stop() {
      end({ errorType: "Runtime.ExitError", errorMessage: "The Runtime API was stopped" });
      server.close();
      server.closeAllConnections();
    },
  };
}

function reply(answer: ServerResponse, status: number, body: unknown): void {
  answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
