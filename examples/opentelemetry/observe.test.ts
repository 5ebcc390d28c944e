import { expect, test } from "@jest/globals";
import { metrics, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createResolver } from "@serverless-secrets/core";
import { memory } from "@serverless-secrets/core/testing";
import { observeSecrets } from "./observe.ts";

test("spans and counters tell of fetches, hits and failures, and of no value", async () => {
  const spans = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const stopObserving = observeSecrets();

  const { resolveAll } = createResolver({ providers: [memory({ db: "correct horse" })] });
  await resolveAll({ db: "memory::db" });
  await resolveAll({ db: "memory::db" });
  await resolveAll({ gone: "memory::gone" }).catch(() => {});

  const [found, missing] = spans.getFinishedSpans();
  expect(found).toMatchObject({ name: "fetch secrets", attributes: { "secrets.references": ["memory::db"] } });
  expect(missing?.status).toMatchObject({ message: "ERR_SECRET_NOT_FOUND" });

  await reader.forceFlush();
  const counted = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value, dataPoints[0]?.attributes]);
  expect(counted).toEqual([
    ["secrets.hits", 1, {}],
    ["secrets.errors", 1, { code: "ERR_SECRET_NOT_FOUND", name: "gone" }],
  ]);
  stopObserving(); // the channels are those of the whole process
  await provider.shutdown();
});
