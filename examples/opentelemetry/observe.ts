import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ErrorMessage, FetchMessage, HitMessage } from "@serverless-secrets/core";

/**
 * Tells OpenTelemetry of each fetch, hit and failure: names, counts and times, never a value. Call it once, at the start.
 * @returns what ends it
 */
export function observeSecrets(): () => void {
  const tracer = trace.getTracer("serverless-secrets");
  const meter = metrics.getMeter("serverless-secrets");
  const hits = meter.createCounter("secrets.hits", { description: "values served from memory" });
  const errors = meter.createCounter("secrets.errors", { description: "secrets that a caller did not get" });

  const recordFetch = (message: unknown, channel: string | symbol) => {
    const { scheme, references, sentMs, tookMs, codes } = message as FetchMessage;
    const attributes = { "secrets.scheme": scheme, "secrets.references": [...references] };
    const name = channel === "serverless-secrets:refresh" ? "refresh secrets" : "fetch secrets";
    const span = tracer.startSpan(name, { startTime: sentMs, attributes });
    if (codes.length > 0) span.setStatus({ code: SpanStatusCode.ERROR, message: codes.join(", ") });
    span.end(sentMs + tookMs);
  };
  const countHits = (message: unknown) => hits.add((message as HitMessage).count);
  const countError = (message: unknown) => {
    const { code, secretName = "unnamed" } = message as ErrorMessage;
    errors.add(1, { code, name: secretName });
  };
  const listeners = { fetch: recordFetch, refresh: recordFetch, hit: countHits, error: countError };
  for (const [name, listener] of Object.entries(listeners)) subscribe(`serverless-secrets:${name}`, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) unsubscribe(`serverless-secrets:${name}`, listener);
  };
}
