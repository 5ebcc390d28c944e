import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { toUnset } from "../../packages/local/src/environment.ts";

/** A moto server in a process of its own. */
export interface Moto {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly region: string;
  stop(): Promise<void>;
}

const python = fileURLToPath(new URL(".venv/bin/python", import.meta.url));
const script = fileURLToPath(new URL("serve.py", import.meta.url));
const region = "us-west-1";
const startMs = 30_000;

/**
 * Starts moto with an empty account, and waits until it answers.
 * @throws Error if it ends or is silent instead; it tells what moto printed
 */
export async function startMoto(): Promise<Moto> {
  // None of our variables: moto reads many of its own, and boto reads credentials.
  const child = spawn(python, [script], { env: { PYTHONUNBUFFERED: "1" }, stdio: ["pipe", "ignore", "pipe"] });
  const ended = new AbortController();
  const exit = once(child, "exit").then(
    () => ended.abort(),
    () => ended.abort(), // there is no such program
  );
  const stop = async () => {
    child.ref();
    child.stdin.end();
    await exit;
  };
  let printed = "";
  const listening = new Promise<string>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (printed.length < 20_000) printed += text;
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(startMs)]);
    const url = await Promise.race([listening, once(signal, "abort").then(() => Promise.reject(signal.reason))]);
    const { status } = await fetch(`${url}/moto-api/data.json`, { signal });
    if (status !== 200) throw new Error(`HTTP ${status}`);
    // A test file that throws stops nothing: moto must not keep its process.
    for (const handle of [child, child.stdin as Socket, child.stderr as Socket]) handle.unref();
    return { url, region, stop };
  } catch (cause) {
    await stop();
    throw new Error(`moto did not start; was tests/moto/install.sh run? It printed:\n${printed}`, { cause });
  }
}

/** Leads the direct client and the SDK to moto, in this process and nowhere else. */
export function leadTo({ url, region }: Moto): void {
  for (const name of toUnset(process.env)) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    // moto takes any; these are no account's.
    AWS_ACCESS_KEY_ID: "moto",
    AWS_SECRET_ACCESS_KEY: "moto",
    AWS_SESSION_TOKEN: "moto",
  });
}
