import { createResolver, type Resolver, type ResolverOptions, SecretError } from "@serverless-secrets/core";
import { type MemoryProvider, memory } from "@serverless-secrets/core/testing";
import { canary } from "./canary.ts";
import { type Script, type Scripted, scripted } from "./scripted.ts";

export const unavailable = (): SecretError => new SecretError("ERR_SECRET_UNAVAILABLE", "out of reach.");
export const denied = (): SecretError => new SecretError("ERR_SECRET_ACCESS_DENIED", "refused.");
export const notFound = (): SecretError => new SecretError("ERR_SECRET_NOT_FOUND", "gone.");

/** An error that is none of ours, and says more than it may. */
export const foreign = (): TypeError => Object.assign(new TypeError(`no ${canary}`), { extra: canary });

type Options = Partial<ResolverOptions>;

/** A memory of one value, `memory::a`, and a resolver of it. */
export function oneValue(
  options: Options = {},
): Resolver & { stored: Record<string, string | Error>; provider: MemoryProvider } {
  const stored: Record<string, string | Error> = { a: "first" };
  const provider = memory(stored);
  return { stored, provider, ...createResolver({ providers: [provider], ...options }) };
}

/** A scripted provider, and a resolver of it. */
export function script(given: Script = {}, options: Options = {}): Resolver & { provider: Scripted } {
  const provider = scripted(given);
  return { provider, ...createResolver({ providers: [provider], ...options }) };
}
