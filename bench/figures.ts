/** The middle one of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Prints a row of a table. */
export function row(name: string, ...cells: readonly string[]): void {
  console.log(name.padEnd(24) + cells.map((cell) => cell.padStart(16)).join(""));
}
