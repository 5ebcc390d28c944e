// A warm invocation, side by side: Middy with nothing, with a middleware that does nothing, and with `secrets()`.
import middy from "@middy/core";
import { createResolver } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { secrets } from "@serverless-secrets/middy/custom";
import { median, row } from "./figures.ts";

const rounds = Number(process.argv[2] ?? 30);
const invocations = 10_000;
const resolver = createResolver({ providers: [memory({ "db::1": "correct horse", token: "battery staple" })] });
const handler = async () => "done";
const handlers = {
  "Middy alone": middy().handler(handler),
  "an empty middleware": middy()
    .use({ before: () => undefined })
    .handler(handler),
  "secrets(), 2 secrets": middy()
    .use(secrets(resolver, { db: "memory::db::1", token: "memory::token" }))
    .handler(handler),
} as const;

const tookUs = new Map<string, number[]>(Object.keys(handlers).map((name) => [name, []]));
for (let round = -3; round < rounds; round += 1) {
  for (const [name, invoke] of Object.entries(handlers)) {
    const startMs = performance.now();
    for (let i = 0; i < invocations; i += 1) await invoke({}, {} as never);
    const us = ((performance.now() - startMs) * 1_000) / invocations;
    if (round >= 0) tookUs.get(name)?.push(us);
  }
}
console.log(
  `one warm invocation, median of ${rounds} interleaved rounds of ${invocations}, Node ${process.versions.node}`,
);
const floorUs = median(tookUs.get("an empty middleware") ?? []);
for (const name of Object.keys(handlers)) {
  const us = median(tookUs.get(name) ?? []);
  row(name, `${us.toFixed(2)} µs`, `${(us / floorUs).toFixed(2)} × empty`);
}
