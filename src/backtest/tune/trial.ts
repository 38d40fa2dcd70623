import type { Measures } from '../measure/measures.js';
import type { BacktestTask } from '../task/task.js';

/** A series to be replayed under a candidate. */
export interface Trial extends BacktestTask {
  readonly stepFactor: number;
  /** Index of the candidate and of the series. */
  readonly candidate: number;
  readonly series: number;
}

/** How a stretch of a replay went. */
export interface Part {
  readonly measures: Measures;
  /** Mean pinball loss of each day, by the number of the day since 1970, in the unit of the series. */
  readonly dailyLoss: ReadonlyMap<number, number>;
}

/** What came of a trial: on its first part candidates are chosen, on its later part they are checked. */
export interface TrialResult {
  readonly candidate: number;
  readonly series: number;
  readonly stepMs: number;
  readonly first: Part;
  readonly later: Part;
}
