/**
 * By what factor something that halves in `halfLifeMs` is less after a time. Remembers the last time asked for, because
 * the steps of most series are equally long and a power takes longer than what it is needed for.
 */
export function decayIn(halfLifeMs: number): (timeMs: number) => number {
  let lastMs = 0;
  let factor = 1;
  return (timeMs) => {
    if (timeMs !== lastMs) {
      lastMs = timeMs;
      factor = 2 ** (-timeMs / halfLifeMs);
    }
    return factor;
  };
}
