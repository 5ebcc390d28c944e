import { type BuildOptions, type BuildResult, build } from "esbuild";

/**
 * Bundles a handler with the SDK in it.
 * @param entry the handler's file
 * @param outfile ends in `.mjs` for an ES module, in `.cjs` for CommonJS
 * @param options further options of esbuild's
 */
export function bundle(entry: string, outfile: string, options: BuildOptions = {}): Promise<BuildResult> {
  return build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node22",
    format: outfile.endsWith(".mjs") ? "esm" : "cjs",
    // The SDK's packages name their ES modules as "module". Without this, esbuild takes the CommonJS ones, whose require()
    // an ES module does not have ("Dynamic require of … is not supported"), and of which it can leave nothing out.
    mainFields: ["module", "main"],
    logLevel: "warning",
    ...options,
  });
}
