export { type SdkClientOf, type SdkOptions, sdk } from "./sdk.ts";
