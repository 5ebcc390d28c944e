import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** How a function is deployed: an ES module, or CommonJS. */
export type Format = "esm" | "cjs";

/** A handler as one file, in a folder of its own outside the checkout: what it needs is in it, or missing. */
export interface Bundle {
  readonly path: string;
  remove(): Promise<void>;
}

const middyPackage = fileURLToPath(new URL("../../packages/middy", import.meta.url));

/** Bundles a handler of fixtures/ as users do: plain, with no banner and nothing left out.
 *  @param secrets the manifest that it passes to `secrets()`, as a team would commit it
 *  @param name of the fixture */
export async function bundleHandler(
  format: Format,
  secrets: Readonly<Record<string, string>>,
  name: "handler" | "stores" = "handler",
): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "lambda-runtime-"));
  const path = join(folder, format === "esm" ? "index.mjs" : "index.cjs");
  await build({
    entryPoints: [fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url))],
    outfile: path,
    bundle: true,
    format,
    platform: "node",
    target: "node22",
    minify: true,
    define: { SECRETS: JSON.stringify(secrets) },
    // The fixture stands in another workspace than the packages, so they would not be found by name.
    alias: {
      "@middy/core": `${middyPackage}/node_modules/@middy/core`,
      "@serverless-secrets/middy": `${middyPackage}/src/index.ts`,
    },
    // Or esbuild takes tsconfig.json's "paths", which lead to declarations.
    tsconfigRaw: {},
    logLevel: "error",
  });
  return { path, remove: () => rm(folder, { recursive: true }) };
}
