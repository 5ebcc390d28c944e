import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The original credstash 1.17.1, in a process of its own. */
export interface Original {
  /** Puts a secret; `version` or `autoversion`. Rejects with its error's name. */
  put(name: string, secret: string, options?: object): Promise<void>;
  /** Gets one, the highest version by default. Rejects with its error's name. */
  get(name: string, options?: object): Promise<string>;
  /** Makes its table. */
  setup(): Promise<void>;
  /** Runs its command, and gives what that prints. Rejects with what it prints to stderr, where it fails. */
  command(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const bin = (name: string): string => fileURLToPath(new URL(`.venv/bin/${name}`, import.meta.url));
const script = fileURLToPath(new URL("original.py", import.meta.url));

/** Starts it. @param environment leads to AWS; nothing else of ours is given to it */
export function startOriginal(environment: Readonly<Record<string, string>>): Original {
  // No home: it would read a ~/.credstash.
  const env = { ...environment, HOME: "/nonexistent", PYTHONUTF8: "1" };
  const child = spawn(bin("python"), [script], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (call: string, given: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify({ call, arguments: given })}\n`);
    const { value: line, done } = await lines.next();
    if (done) throw new Error("the original credstash ended");
    const { value, error, message } = JSON.parse(line) as { value?: unknown; error?: string; message?: string };
    if (error !== undefined) throw new Error(`${error}: ${message}`);
    return value;
  };
  // One after the other: an answer is known by its turn alone.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (call: string, given: object): Promise<unknown> => {
    const answer = turn.then(() => ask(call, given));
    turn = answer.catch(() => undefined);
    return answer;
  };
  return {
    async put(name, secret, options = {}) {
      await inTurn("put", { name, secret, ...options });
    },
    get: async (name, options = {}) => String(await inTurn("get", { name, ...options })),
    async setup() {
      await inTurn("setup", {});
    },
    async command(...args) {
      const asked = spawn(bin("credstash"), ["--log-file", "/dev/null", ...args], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const printed = { out: "", err: "" };
      asked.stdout.setEncoding("utf8").on("data", (text: string) => (printed.out += text));
      asked.stderr.setEncoding("utf8").on("data", (text: string) => (printed.err += text));
      const [code] = await once(asked, "close");
      if (code !== 0) throw new Error(printed.err);
      return printed.out;
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
