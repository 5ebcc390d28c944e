import { mkdtempSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The checkout that is packed. */
export const checkout = join(import.meta.dirname, "../..");

export const fixtures = join(import.meta.dirname, "fixtures");

/** A folder that has the tarballs installed, as a user's project has. */
export interface Project {
  readonly folder: string;
  readonly manager: "npm" | "pnpm";
  /** The major version of `@middy/core` there. */
  readonly middy: 6 | 7;
}

/** What setup.ts made, by the variable in which it hands it to the test files' processes. */
export interface Packed {
  /** Temporary, outside of the checkout, and gone when the tests are through. */
  readonly folder: string;
  readonly tarballs: readonly { readonly name: string; readonly file: string; readonly manifest: Manifest }[];
  readonly projects: readonly Project[];
  /** Each Node that is tried. */
  readonly nodes: readonly { readonly version: string; readonly binary: string }[];
}

/** What is read of a packed package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly sideEffects: boolean;
  readonly type: string;
}

const variable = "SERVERLESS_SECRETS_PACKED";

/** What setup.ts made. */
export function packed(): Packed {
  const file = process.env[variable];
  if (file === undefined) throw new Error("nothing is packed here. Run `npx -y pnpm@12 packed`");
  return JSON.parse(readFileSync(file, "utf8")) as Packed;
}

/** Tells the test files' processes where `packed` finds it. */
export function announce(file: string): void {
  process.env[variable] = file;
}

/** A new empty folder outside of the checkout: npm and pnpm climb to a package.json above. */
export function emptyFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "serverless-secrets-packed-")));
}

/** One of the projects. */
export function project(projects: readonly Project[], manager: Project["manager"], middy: Project["middy"]): Project {
  const found = projects.find((each) => each.manager === manager && each.middy === middy);
  if (found === undefined) throw new Error(`no project of ${manager} with @middy/core ${middy}`);
  return found;
}

/** The specifiers that a package's users may import. */
export function entryPoints({ name, exports }: Manifest): readonly string[] {
  return Object.keys(exports).map((subpath) => name + subpath.slice(1));
}
