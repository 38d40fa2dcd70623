import type { Samples } from '../../model/samples/columns.js';
import type { Design } from '../design/design.js';
import type { Regressors } from '../design/regressors.js';
import { columnsOf } from '../design/seasonality.js';
import { TimeGrid } from '../design/time-grid.js';

/**
 * What an optimizer of Prophet's objective works on, in scaled units:
 * y = trend(t)·(1 + Σ multiplicative columns·β) + Σ additive columns·β + noise.
 */
export interface MapProblem {
  readonly regressors: Regressors;
  /** Values less `centre`, so that a large offset costs no digits. */
  readonly y: Float64Array;
  readonly centre: number;
  /** The prior scale of each feature, and whether it is multiplicative. */
  readonly priorScales: Float64Array;
  readonly multiplicative: readonly boolean[];
  readonly changepointPriorScale: number;
}

/**
 * Builds the problem from the samples and their `design`, with linear or flat growth. A `grid` of their times that
 * other problems share saves computing what is the same for all of them.
 */
export function buildMapProblem(
  samples: Samples,
  design: Design,
  grid: TimeGrid = new TimeGrid(samples.timesMs),
): MapProblem {
  const { values } = samples;
  const { seasonalities } = design;
  if (design.growth === 'logistic') throw new TypeError('Cannot build MapProblem: logistic growth is not linear');
  let sum = 0;
  for (const value of values) sum += value / values.length;
  const y = new Float64Array(values.length);
  for (let i = 0; i < y.length; i++) y[i] = (values[i]! - sum) / design.yScale;
  return {
    regressors: grid.regressors(design),
    y,
    centre: (sum - design.floor) / design.yScale,
    priorScales: Float64Array.from(
      seasonalities.flatMap((seasonality) => new Array(columnsOf(seasonality)).fill(seasonality.priorScale)),
    ),
    multiplicative: seasonalities.flatMap((seasonality) =>
      new Array(columnsOf(seasonality)).fill(seasonality.multiplicative),
    ),
    changepointPriorScale: design.changepointPriorScale,
  };
}
