import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Lambda, type LambdaOptions, startLambda } from "./lambda.ts";

// What the tests of our library lean on: that this really is Lambda's client, and that failures come back as Lambda gives them.

/** What fixtures/plain.mjs returns. */
interface Answer {
  readonly invocations: number;
  readonly requestId: string;
  readonly functionArn: string;
  readonly remainingMs: number;
  readonly node: string;
  readonly env: { readonly STAGE: string; readonly _X_AMZN_TRACE_ID: string };
}

async function start(t: TestContext, fixture: string, options: Partial<LambdaOptions> = {}): Promise<Lambda> {
  const lambda = await startLambda({
    bundle: fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url)),
    ...options,
  });
  t.after(() => lambda.stop());
  return lambda;
}

test("an event is handled, with Lambda's context and no variable but the function's own", async (t) => {
  Object.assign(process.env, { LAMBDA_TEST_PARENT: "not for the function" });
  const lambda = await start(t, "plain.mjs", { env: { STAGE: "test" }, timeoutMs: 5000 });
  const { response, error } = await lambda.invoke({ do: "answer" });
  const answer = response as Answer;

  assert.equal(error, undefined);
  assert.match(answer.requestId, /^[\da-f-]{36}$/);
  assert.equal(answer.functionArn, "arn:aws:lambda:us-west-1:111122223333:function:under-test");
  assert.ok(answer.remainingMs > 4000 && answer.remainingMs <= 5000, `${answer.remainingMs} ms`);
  assert.match(answer.node, /^24\./);
  assert.equal(answer.env.STAGE, "test");
  assert.match(answer.env._X_AMZN_TRACE_ID, /^Root=1-/);
  for (const name of ["LAMBDA_TEST_PARENT", "PATH", "HOME"]) assert.ok(!(name in answer.env), name);
  await lambda.stop();
  assert.match(lambda.stdout(), /\tINFO\thandling answer\n/);
});

test("CommonJS is loaded as well", async (t) => {
  const lambda = await start(t, "common.cjs");
  assert.equal((await lambda.invoke({})).response, "from CommonJS");
});

test("another export is taken by the handler's name", async (t) => {
  const lambda = await start(t, "plain.mjs", { handler: "plain.after" });
  assert.equal((await lambda.invoke({ ms: 0 })).response, "done");
});

test("1,000 invocations reach one and the same process", async (t) => {
  const lambda = await start(t, "plain.mjs");
  for (let n = 1; n <= 1000; n++) {
    const { response } = await lambda.invoke({ do: "answer" });
    assert.equal((response as Answer).invocations, n);
  }
});

test("what a handler throws comes back as an invocation error, and the next event is handled", async (t) => {
  const lambda = await start(t, "plain.mjs");
  const { response, error } = await lambda.invoke({ do: "throw" });
  assert.equal(response, undefined);
  assert.equal(error?.errorType, "TypeError");
  assert.equal(error?.errorMessage, "thrown by the handler");
  assert.equal((await lambda.invoke({ do: "answer" })).error, undefined);
  await lambda.stop();
  assert.match(lambda.stdout(), /\tERROR\tInvoke Error \t.*thrown by the handler/);
});

test("what a module throws comes back as an init error, also to whoever invokes, and the process ends", async (t) => {
  const lambda = await start(t, "broken.mjs");
  const error = await lambda.initError;
  assert.equal(error.errorType, "RangeError");
  assert.equal(error.errorMessage, "thrown at module scope");
  assert.deepEqual((await lambda.invoke({})).error, error);
  assert.equal(await lambda.exit, 1);
});

test("a handler that is not there is an init error", async (t) => {
  const lambda = await start(t, "plain.mjs", { handler: "plain.missing" });
  assert.equal((await lambda.initError).errorType, "Runtime.HandlerNotFound");
});

test("at the deadline the function is stopped, and the error is Lambda's, not the handler's", async (t) => {
  const lambda = await start(t, "plain.mjs", { timeoutMs: 300 });
  const { error, elapsedMs } = await lambda.invoke({ do: "hang" });
  assert.equal(error?.errorType, "Sandbox.Timedout");
  assert.match(String(error?.errorMessage), /Task timed out after 0\.30 seconds$/);
  assert.ok(elapsedMs >= 299 && elapsedMs < 1500, `${elapsedMs} ms`);
  assert.equal(await lambda.exit, "SIGKILL");
});

test("the time that a handler takes is measured", async (t) => {
  const lambda = await start(t, "plain.mjs", { handler: "plain.after" });
  const { elapsedMs } = await lambda.invoke({ ms: 200 });
  assert.ok(elapsedMs >= 195 && elapsedMs < 1500, `${elapsedMs} ms`);
});

test("an exit in the middle of an invocation is an error, for later events too", async (t) => {
  const lambda = await start(t, "plain.mjs");
  assert.equal((await lambda.invoke({ do: "exit" })).error?.errorMessage, "Runtime exited with 7");
  assert.equal((await lambda.invoke({ do: "answer" })).error?.errorType, "Runtime.ExitError");
});
