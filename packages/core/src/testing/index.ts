export { type ConformanceSubject, providerConformance, type TestFunction } from "./conformance.ts";
export { withFakeSecrets } from "./fake.ts";
export { type MemoryOptions, type MemoryProvider, memory } from "./memory.ts";
