/**
 * A level that a series took for good: what it was before `atMs` corresponds to `factor` × value + `offset` since. `factor`
 * > 0; times in Unix milliseconds, the offset in the unit of the series.
 */
export interface LevelChange {
  readonly atMs: number;
  readonly factor: number;
  readonly offset: number;
}

/** The way back. */
export function inverse({ atMs, factor, offset }: LevelChange): LevelChange {
  return { atMs, factor: 1 / factor, offset: -offset / factor };
}
