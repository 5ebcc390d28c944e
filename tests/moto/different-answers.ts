import { expect, test } from "@jest/globals";
import type { Ask } from "./ask.ts";
import type { DifferentAnswer } from "./differences.ts";

/** Tests that moto answers these requests otherwise than AWS, and exactly so. Each is asked in a world of its own. */
export function testDifferentAnswers<World>(
  ask: Ask,
  makeWorld: () => Promise<World>,
  answers: readonly DifferentAnswer<World>[],
): void {
  for (const { request, aws, operation, input, moto } of answers) {
    test(`${request}: moto answers HTTP ${moto.status} ${JSON.stringify(moto.body) ?? "and no JSON"}, AWS ${aws}`, async () => {
      expect(await ask(operation, input(await makeWorld()))).toEqual(moto);
    });
  }
}
