import { spawn } from "node:child_process";

/** How a command ended, and what it said. */
export interface Outcome {
  /** Its exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, or ends it after `timeoutMs` (default 120,000). */
export function run(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs = 120_000 }: { readonly cwd: string; readonly timeoutMs?: number },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** `run`, for what must not fail. */
export async function succeed(...[command, args, options]: Parameters<typeof run>): Promise<Outcome> {
  const outcome = await run(command, args, options);
  if (outcome.code === 0) return outcome;
  throw new Error(`${command} ${args.join(" ")}: exit code ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
}

/** Ours, less what the runner, pnpm's own settings and colours would change in a child. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, NODE_TEST_CONTEXT, FORCE_COLOR, NODE_PATH, ...rest } = process.env;
  return rest;
}
