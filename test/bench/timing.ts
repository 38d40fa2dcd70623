/** The middle of some numbers, of an even count the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Median wall time of `run` in milliseconds over `runs` runs, after as many to warm up, a second at most of each. */
export function timeMs(run: () => void, runs: number): number {
  const measure = () => {
    const times: number[] = [];
    const end = performance.now() + 1000;
    while (times.length < runs && performance.now() < end) {
      const started = performance.now();
      run();
      times.push(performance.now() - started);
    }
    return median(times);
  };
  measure();
  return measure();
}

/** Prints rows as a table, numbers to four digits. */
export function printTable(rows: readonly object[]): void {
  const round = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
  console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, round(value)]))));
}
