/**
 * A level that a series took for good: what it was before `atMs` corresponds to `factor` × value + `offset` since. `factor`
 * > 0; times in Unix milliseconds, the offset in the unit of the series. Where it became another kind of series altogether,
 * such as one that was at rest and now is not, nothing before says anything of it: `resetsHistory`.
 */
export interface LevelShift {
  readonly atMs: number;
  readonly factor: number;
  readonly offset: number;
  readonly resetsHistory: boolean;
}

/** The way back. */
export function inverse({ atMs, factor, offset, resetsHistory }: LevelShift): LevelShift {
  return { atMs, factor: 1 / factor, offset: -offset / factor, resetsHistory };
}
