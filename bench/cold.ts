// Cold start, side by side: this library, the AWS SDK, and the least that any client must do. Each is a minified bundle in a
// new process that decrypts one secret on local KMS; they take turns, so that the machine's moods strike all alike.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { seal } from "@serverless-secrets/core/seal";
import { startLocalAws } from "@serverless-secrets/local";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";
import { build } from "esbuild";
import { median, row } from "./figures.ts";

const rounds = Number(process.argv[2] ?? 15);
const names = ["floor", "kms", "ours", "sdk"] as const;
const here = (path: string) => fileURLToPath(import.meta.resolve(path));

const folder = await mkdtemp(join(tmpdir(), "bench-"));
const aws = await startLocalAws();
Object.assign(process.env, aws.env);
const reference = await seal(kmsSealer(), `kms::${aws.createKey().arn}`, "correct horse battery staple");
const bundles = new Map<string, string>();
for (const name of names) {
  const outfile = join(folder, `${name}.mjs`);
  const options = { bundle: true, minify: true, platform: "node", target: "node22", format: "esm" } as const;
  await build({ ...options, entryPoints: [here(`./fixtures/${name}.ts`)], outfile, mainFields: ["module", "main"] });
  bundles.set(name, outfile);
}

const tookMs: Record<(typeof names)[number], number[]> = { floor: [], kms: [], ours: [], sdk: [] };
const peakMb: typeof tookMs = { floor: [], kms: [], ours: [], sdk: [] };
for (let round = -1; round < rounds; round += 1) {
  for (const name of names) {
    const args = [here("./fixtures/cold.ts"), bundles.get(name) as string];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...aws.env, REFERENCE: reference } });
    const figures = JSON.parse(stdout);
    if (figures.rightBytes !== 28) throw new Error(`${name} gave another secret`);
    if (round < 0) continue; // warms the disk's cache
    tookMs[name].push(figures.tookMs);
    peakMb[name].push(figures.peakMemoryMb);
  }
}
await aws.stop();
await rm(folder, { recursive: true });

const floorMs = median(tookMs.floor);
console.log(`import to first secret, median of ${rounds} interleaved rounds, Node ${process.versions.node}`);
for (const name of names) {
  const ms = median(tookMs[name]);
  row(name, `${ms.toFixed(1)} ms`, `${(ms / floorMs).toFixed(2)} × floor`, `${median(peakMb[name]).toFixed(0)} MB`);
}
