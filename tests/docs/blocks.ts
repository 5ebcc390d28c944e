import { readFileSync } from "node:fs";

/** A fenced code block of a Markdown file. */
export interface Block {
  /** What follows the opening fence: `ts`, `json`, `bash`, … */
  readonly language: string;
  /** From a comment on the line above, `<!-- file: examples/middy/handler.ts -->`: the file it shows whole. */
  readonly file: string | undefined;
  readonly code: string;
}

/**
 * The code blocks of a Markdown file, in their order.
 * @param path of the file
 */
export function blocksOf(path: string): readonly Block[] {
  const blocks = readFileSync(path, "utf8").matchAll(/(?:^<!-- file: (\S+) -->\n)?^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].map(([, file, language = "", code = ""]) => ({ language, file, code }));
}
