import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { announce, checkout, emptyFolder, fixtures, type Manifest, type Packed, type Project } from "./folders.ts";

const folder = emptyFolder();

/** What the type tests import beside the packages, in the versions that a new user gets. */
const companions = ["zod@4", "@types/node@22"];

/** The oldest Node that the packages claim, and the newest of each line that Lambda has. */
const nodeVersions = ["22.12.0", "22", "24"];

/** Packs every package and installs the tarballs, before the first test file (`node --test --test-global-setup`). */
export async function globalSetup(): Promise<void> {
  try {
    const tarballs = await pack();
    // One after the other: what fails must not leave the other behind, writing into what is removed.
    const nodes = await installNodes();
    const projects = await installProjects(tarballs);
    const file = join(folder, "packed.json");
    await writeFile(file, JSON.stringify({ folder, tarballs, projects, nodes } satisfies Packed));
    announce(file);
  } catch (error) {
    // Node does not tear down what was not set up.
    await globalTeardown();
    throw error;
  }
}

/** Removes all that was made. */
export async function globalTeardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function pack(): Promise<Packed["tarballs"]> {
  const destination = join(folder, "tarballs");
  await mkdir(destination);
  await succeed("npx", ["-y", "pnpm@12", "-r", "pack", "--pack-destination", destination], { cwd: checkout });
  const files = (await readdir(destination)).map((file) => join(destination, file));
  return Promise.all(
    files.map(async (file) => {
      const { stdout } = await succeed("tar", ["-xzOf", file, "package/package.json"], { cwd: folder });
      const manifest = JSON.parse(stdout) as Manifest;
      return { name: manifest.name, file, manifest };
    }),
  );
}

async function installProjects(tarballs: Packed["tarballs"]): Promise<readonly Project[]> {
  const projects: Project[] = [];
  for (const middy of [7, 6] as const) {
    projects.push(await installByNpm(tarballs, middy), await installByPnpm(tarballs, middy));
  }
  for (const project of projects) await addSources(project);
  return projects;
}

/** One plain `npm i` of everything at once, in an empty folder. */
async function installByNpm(tarballs: Packed["tarballs"], middy: Project["middy"]): Promise<Project> {
  const cwd = join(folder, `npm-middy${middy}`);
  await mkdir(cwd);
  await succeed("npm", ["i", ...tarballs.map(({ file }) => file), `@middy/core@${middy}`, ...companions], { cwd });
  return { folder: cwd, manager: "npm", middy };
}

async function installByPnpm(tarballs: Packed["tarballs"], middy: Project["middy"]): Promise<Project> {
  const cwd = join(folder, `pnpm-middy${middy}`);
  await mkdir(cwd);
  // The packages ask for each other by version. npm takes the tarballs beside them for that; pnpm looks into the registry,
  // where these versions are not yet.
  const overrides = tarballs.map(({ name, file }) => `  "${name}": ${JSON.stringify(`file:${file}`)}\n`);
  await writeFile(join(cwd, "pnpm-workspace.yaml"), `overrides:\n${overrides.join("")}`);
  const files = tarballs.map(({ file }) => file);
  await succeed("npx", ["-y", "pnpm@12", "add", ...files, `@middy/core@${middy}`, ...companions], { cwd });
  return { folder: cwd, manager: "pnpm", middy };
}

async function installNodes(): Promise<Packed["nodes"]> {
  const cwd = join(folder, "nodes");
  await mkdir(cwd);
  // What the npm package `node` installs by a script, taken directly.
  const platform = `node-${process.platform}-${process.arch}`;
  const aliases = nodeVersions.map((version) => `node${version}@npm:${platform}@${version}`);
  await succeed("npm", ["i", ...aliases], { cwd });
  return Promise.all(
    nodeVersions.map(async (alias) => {
      const binary = join(cwd, "node_modules", `node${alias}`, "bin/node");
      const { stdout } = await succeed(binary, ["--version"], { cwd });
      return { version: stdout.trim().slice(1), binary };
    }),
  );
}

/** What the tests run, compile and bundle there: the fixtures, and the example that users start from. */
async function addSources(project: Project): Promise<void> {
  await cp(fixtures, project.folder, { recursive: true });
  // File by file: the workspace's own node_modules stands beside them.
  for (const file of ["handler.ts", "secrets.json"]) {
    await cp(join(checkout, "examples/middy", file), join(project.folder, "examples/middy", file));
  }
}
