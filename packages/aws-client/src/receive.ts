import type { IncomingMessage } from "node:http";
import type { Answer } from "./outcome.ts";

/** How much an answer's body may hold: 16 MiB. */
export const answerLimitBytes: number = 16 * 1_024 * 1_024;

/**
 * Reads an answer to its end.
 * @param settle is given the whole answer
 * @param fail is told `AnswerTooLarge` or `TruncatedAnswer` instead, perhaps more than once
 */
export function receive(
  response: IncomingMessage,
  settle: (answer: Answer) => void,
  fail: (why: string) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > answerLimitBytes) return fail("AnswerTooLarge");
    chunks.push(chunk);
  });
  // Also of an answer that is shorter than its Content-Length, or lacks its last chunk.
  response.on("error", () => fail("TruncatedAnswer"));
  response.on("end", () => {
    if (!response.complete) return fail("TruncatedAnswer");
    settle({ status: response.statusCode ?? 0, headers: response.headers, body: textOf(chunks, size) });
  });
}

function textOf(chunks: readonly Buffer[], size: number): string {
  // Not Buffer.concat: it takes small buffers from a pool, through which other code's buffers give a view on the secret.
  const whole = Buffer.alloc(size);
  let filled = 0;
  for (const chunk of chunks) filled += chunk.copy(whole, filled);
  return whole.toString();
}
