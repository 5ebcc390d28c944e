import { stripVTControlCharacters } from "node:util";
import { expect, test } from "@jest/globals";
import type { TestFunction } from "../../packages/core/src/testing/index.ts";
import type { Difference, Differences } from "./differences.ts";

/**
 * Runs a contract of which moto fails some tests: these must fail, and as `differences` says. None is skipped.
 * @param contract is given the function that takes its tests
 * @throws Error where a difference is of no test of the contract
 */
export function butFor(differences: Differences, contract: (test: TestFunction) => void): void {
  const unknown = new Set(Object.keys(differences));
  contract((name, run) => {
    const difference = differences[name];
    if (difference === undefined) return test(name, run);
    unknown.delete(name);
    return test(`moto ${difference.moto}, so it fails: ${name}`, () => assertFails(run, difference));
  });
  if (unknown.size > 0) throw new Error(`differences of no test of the contract: ${[...unknown].join("; ")}`);
}

async function assertFails(run: () => Promise<void>, { fails }: Difference): Promise<void> {
  const failure = await run().then(
    () => "It passes: moto does as AWS now. Delete its line in tests/moto/differences.ts.",
    (error: unknown) => stripVTControlCharacters(error instanceof Error ? error.message : String(error)),
  );
  expect(failure).toContain(fails);
}
