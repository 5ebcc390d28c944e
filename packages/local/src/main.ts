import { closeSync } from "node:fs";
import { toUnset } from "./environment.ts";
import type { LocalAws } from "./localaws.ts";
import { run } from "./run.ts";
import { startLocalAws } from "./start.ts";
import { readArguments, usage } from "./usage.ts";

/** The command `serverless-secrets-local`. Gives its exit code: 2 for a wrong command line, 1 where it cannot start. */
export async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked.kind === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (asked.kind === "wrong") return failed(`${asked.message}\n\n${usage}`, 2);
  let aws: LocalAws;
  try {
    aws = await startLocalAws(asked.options);
  } catch (error) {
    return failed(`${(error as Error).message}\n`, 1);
  }
  const code = asked.command.length > 0 ? await run(asked.command, environment(aws)) : await serve(aws);
  await aws.stop();
  return code;
}

function failed(text: string, code: number): number {
  process.stderr.write(`serverless-secrets-local: ${text}`);
  return code;
}

function environment(aws: LocalAws): Record<string, string | undefined> {
  const environment: Record<string, string | undefined> = { ...process.env, ...aws.env };
  for (const name of toUnset(process.env)) delete environment[name];
  return environment;
}

async function serve(aws: LocalAws): Promise<number> {
  const stopped = new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(0));
  });
  const unset = toUnset(process.env).map((name) => `unset ${name}\n`);
  const set = Object.entries(aws.env).map(([name, value]) => `export ${name}='${value}'\n`);
  await new Promise((resolve) => process.stdout.write([...unset, ...set].join(""), resolve));
  // A shell's $(…) waits until nobody holds its pipe; with this, eval "$(serverless-secrets-local &)" goes on.
  if (!process.stdout.isTTY) closeSync(1);
  process.stderr.write(
    `AWS is at ${aws.endpoint} until this process (${process.pid}) is stopped: Ctrl-C, or kill it.\n`,
  );
  return stopped;
}
