import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles examples/middy as one deploys it (plain ESM: no banner, no externals), with another manifest in place of its own.
 * @param folder where the bundle goes
 * @param manifest path of the manifest
 * @returns the bundle's path and size in bytes
 */
export async function bundleExample(folder: string, manifest: string): Promise<{ path: string; sizeBytes: number }> {
  const path = join(folder, "index.mjs");
  const result = await build({
    entryPoints: [fileURLToPath(import.meta.resolve("../middy/handler.ts"))],
    outfile: path,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node22",
    format: "esm",
    metafile: true,
    logLevel: "warning",
    plugins: [
      { name: "manifest", setup: (it) => it.onResolve({ filter: /\/secrets\.json$/ }, () => ({ path: manifest })) },
    ],
  });
  const [output] = Object.values(result.metafile.outputs);
  return { path, sizeBytes: output?.bytes ?? 0 };
}
