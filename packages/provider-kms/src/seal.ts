export { type DataKeyOptions, envelopeSealer } from "./envelopesealer.ts";
export { type KmsFileSealerOptions, kmsfileSealer } from "./filesealer.ts";
export { kmsSealer } from "./rawsealer.ts";
