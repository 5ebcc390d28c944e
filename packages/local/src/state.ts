import type { Service } from "./service.ts";

/** What the services remember, by their names. */
export interface State {
  of<S>(service: Service<S>): S;
  /** Keeps it where it is kept. Synchronous: an answer is given only after what it says is kept. */
  save(): void;
  /** Lets go of it. */
  close(): void;
}

/** State that ends with the process. */
export function memoryState(): State {
  const parts = new Map<string, unknown>();
  return { of: (service) => part(parts, service), save: () => undefined, close: () => undefined };
}

/** A service's part of the state, made where there is none. */
export function part<S>(parts: Map<string, unknown>, service: Service<S>): S {
  if (!parts.has(service.name)) parts.set(service.name, service.initial());
  return parts.get(service.name) as S;
}
