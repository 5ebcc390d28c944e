import { parseArgs } from "node:util";
import type { LocalAwsOptions } from "./localaws.ts";

/** What `--help` prints. */
export const usage: string = `Usage: serverless-secrets-local [--port N] [--folder DIR] [--region R]
       serverless-secrets-local [options] -- COMMAND [ARGS…]

Starts AWS on loopback, for development and tests: KMS, Secrets Manager, SSM Parameter Store and DynamoDB, with random
credentials.
Alone, it prints the environment that leads to it, and runs until it is stopped (Ctrl-C).
With a command, it runs that in this environment, and exits with its exit code.

  --port N      port on 127.0.0.1 (default: any free one)
  --folder DIR  keep keys and values in this folder, mode 0700 (default: in memory)
  --region R    region of the environment (default: us-east-1)
  --help        this text

  npx serverless-secrets-local -- npm test                  for one command
  eval "$(node_modules/.bin/serverless-secrets-local &)"    in this shell, from now on (not by npx, which waits)
`;

/** What a command line asks for. */
export type Asked =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string }
  | { readonly kind: "start"; readonly options: LocalAwsOptions; readonly command: readonly string[] };

/** Reads the arguments after the program's name. */
export function readArguments(args: readonly string[]): Asked {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  const command = end === -1 ? [] : args.slice(end + 1);
  try {
    const { values } = parseArgs({
      args: [...own],
      strict: true,
      options: {
        port: { type: "string" },
        folder: { type: "string" },
        region: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    if (end !== -1 && command.length === 0) return { kind: "wrong", message: "A command is missing after --" };
    const { port, folder, region } = values;
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65535)) {
      return { kind: "wrong", message: `--port takes a number from 0 to 65535, not '${port}'` };
    }
    if (folder === "") return { kind: "wrong", message: "--folder takes the path of a folder" };
    if (region !== undefined && !/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) {
      return { kind: "wrong", message: `--region takes a region such as us-east-1, not '${region}'` };
    }
    const options = {
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(folder === undefined ? {} : { folder }),
      ...(region === undefined ? {} : { region }),
    };
    return { kind: "start", options, command };
  } catch (error) {
    return { kind: "wrong", message: (error as Error).message };
  }
}
