import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a command on this terminal and gives its exit code: 128 and the signal's number where a signal ended it, 127 where it
 * does not exist, 126 where it cannot be run, as a shell has them.
 */
export function run(command: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "inherit", env });
    // Ctrl-C reaches the child by itself, from the terminal; here it must only not end us first.
    const wait = (): void => undefined;
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", wait).on("SIGTERM", pass).on("SIGHUP", pass);
    const ended = (code: number): void => {
      process.off("SIGINT", wait).off("SIGTERM", pass).off("SIGHUP", pass);
      resolve(code);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      process.stderr.write(`serverless-secrets-local: cannot run ${file}: ${error.code}\n`);
      ended(error.code === "ENOENT" ? 127 : 126);
    });
    child.on("exit", (code, signal) => ended(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
