import { cp } from "node:fs/promises";
import { build } from "esbuild";

// node build.ts <folder>: what is to be deployed, the sealed files beside the bundle.
const [folder = "dist"] = process.argv.slice(2);
await build({
  entryPoints: ["handler.ts"],
  outfile: `${folder}/index.mjs`,
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
});
await cp("sealed", `${folder}/sealed`, { recursive: true });
