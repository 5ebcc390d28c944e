import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

// A container of a Lambda function: a new process imports the bundle and serves 1,001 invocations. What it says goes to
// its parent as one line of JSON; the parent looks for the secret in it.

const [bundle = ""] = process.argv.slice(2);
const invoke = async (handler: (event: object, context: object) => Promise<unknown>) => {
  const context = { functionName: "demo", getRemainingTimeInMillis: () => 3_000 };
  const startMs = performance.now();
  const answer = await handler({ body: "hello" }, context);
  return { answer, context, tookMs: performance.now() - startMs };
};

const startMs = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const first = await invoke(handler).catch((error) => {
  console.error(error.message); // what Lambda logs of it
  process.exit(1);
});
const coldMs = performance.now() - startMs;

const warmMs: number[] = [];
for (let i = 0; i < 1_000; i += 1) warmMs.push((await invoke(handler)).tookMs);
warmMs.sort((a, b) => a - b);

const printed = inspect(first.context, { depth: null, showHidden: true, getters: true });
const report = {
  answer: first.answer,
  coldMs,
  warmMedianMs: warmMs[500],
  printed,
  json: JSON.stringify(first.context),
  environment: process.env,
};
console.log(JSON.stringify(report));
