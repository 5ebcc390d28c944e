import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { type Loopback, startLoopback } from "./loopback.ts";

const source = pathToFileURL(join(import.meta.dirname, "../src/index.ts")).href;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A process of its own that calls AWS. */
interface Caller {
  /** Makes it call. */
  readonly call: () => void;
  /** What came of the next call: the answer, or the error's message. */
  readonly outcome: () => Promise<string>;
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** What it said beyond the outcomes that were asked for. */
  readonly rest: () => string;
}

async function start(url: string, timeoutMs: number): Promise<Caller & { readonly end: () => void }> {
  const script = `
    import { createInterface } from "node:readline";
    import { direct } from ${JSON.stringify(source)};
    const request = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} };
    process.on("unhandledRejection", () => console.log("unhandled rejection"));
    createInterface({ input: process.stdin }).on("line", async () => {
      const call = { signal: new AbortController().signal, deadlineMs: Date.now() + ${timeoutMs}, background: false };
      console.log(await direct()(request, call).then(JSON.stringify, (error) => error.message));
    });
    console.log("ready");`;
  const env = { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "B" };
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, flags, { env, stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const outcome = async (): Promise<string> => {
    while (!output.includes("\n")) await sleep(5);
    const end = output.indexOf("\n");
    const line = output.slice(0, end);
    output = output.slice(end + 1);
    return line;
  };
  await outcome();
  return {
    call: () => child.stdin.write("\n"),
    outcome,
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    rest: () => output,
    end: () => child.kill("SIGKILL"),
  };
}

/** Runs with a server and a process that calls it, whose calls have so long. */
async function between(
  listener: Parameters<typeof startLoopback>[0],
  timeoutMs: number,
  run: (server: Loopback, caller: Caller) => Promise<void>,
): Promise<void> {
  const server = await startLoopback(listener);
  const caller = await start(server.url, timeoutMs);
  try {
    await run(server, caller);
    expect(caller.rest()).toBe("");
  } finally {
    caller.end();
    await server.stop();
  }
}

const arrival = async ({ requests }: Loopback): Promise<void> => {
  while (requests.length === 0) await sleep(5);
};
const answer = '{"a":1}';
/** Answers no first request, and every one after it. */
const answeringFromTheSecond = (): Parameters<typeof startLoopback>[0] => {
  let calls = 0;
  return (_, response) => {
    if (++calls > 1) response.end(answer);
  };
};

// At once, as each of them mostly stands still.
describe("a process that is stopped and goes on", () => {
  test.concurrent("mid-request gets its answer, with no second request: the answer waited for it", async () => {
    await between(
      (_, response) => setTimeout(() => response.end(answer), 500),
      20_000,
      async (server, caller) => {
        caller.call();
        await arrival(server);
        caller.freeze();
        await sleep(3_500);
        caller.thaw();
        expect(await caller.outcome()).toBe(answer);
        expect(server.requests.length).toBe(1);
        caller.call();
        expect(await caller.outcome()).toBe(answer);
      },
    );
  }, 20_000);

  test.concurrent("mid-request, its connection closed meanwhile, gets its answer on a new one", async () => {
    await between(answeringFromTheSecond(), 20_000, async (server, caller) => {
      caller.call();
      await arrival(server);
      caller.freeze();
      await sleep(3_500);
      server.hangUp();
      caller.thaw();
      expect(await caller.outcome()).toBe(answer);
      expect([server.connections(), server.requests.length]).toEqual([2, 2]);
    });
  }, 20_000);

  test.concurrent("mid-request, with nothing to come, gets its answer on a new connection, at once", async () => {
    await between(answeringFromTheSecond(), 20_000, async (server, caller) => {
      caller.call();
      await arrival(server);
      caller.freeze();
      await sleep(3_500);
      caller.thaw();
      expect(await caller.outcome()).toBe(answer);
      expect([server.connections(), server.requests.length]).toEqual([2, 2]);
    });
  }, 20_000);

  test.concurrent.each([
    ["when it goes on", 0],
    ["later", 1_000],
  ])(
    "with its kept connection closed, makes its next call, %s, on one new connection",
    async (_, laterMs) => {
      await between(
        (_, response) => response.end(answer),
        5_000,
        async (server, caller) => {
          caller.call();
          expect(await caller.outcome()).toBe(answer);
          caller.freeze();
          server.hangUp();
          // It finds both when it goes on: the next call to make, and that the connection is closed.
          if (laterMs === 0) caller.call();
          await sleep(500);
          caller.thaw();
          await sleep(laterMs);
          if (laterMs > 0) caller.call();
          expect(await caller.outcome()).toBe(answer);
          expect(server.connections()).toBe(2);
        },
      );
    },
    20_000,
  );

  test.concurrent("beyond its deadline fails once, with nothing unhandled, and serves the next call", async () => {
    await between(answeringFromTheSecond(), 1_500, async (server, caller) => {
      caller.call();
      await arrival(server);
      caller.freeze();
      await sleep(3_000);
      caller.thaw();
      expect(await caller.outcome()).toMatch(/^ERR_SECRET_UNAVAILABLE: kms:Decrypt: the process stood still /);
      caller.call();
      expect(await caller.outcome()).toBe(answer);
    });
  }, 20_000);
});
