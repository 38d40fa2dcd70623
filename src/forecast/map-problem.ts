import type { Samples } from '../model/columns.js';
import { type Design, scaleTime } from './design.js';
import { fourierColumns } from './fourier.js';

/**
 * What an optimizer of Prophet's objective works on, in scaled units:
 * y = trend(t)·(1 + Σ multiplicative columns·β) + Σ additive columns·β + noise.
 */
export interface MapProblem {
  readonly growth: 'linear' | 'flat';
  /** Ascending, from 0. */
  readonly t: Float64Array;
  /** Values less `centre`, so that a large offset costs no digits. */
  readonly y: Float64Array;
  readonly centre: number;
  /** Feature columns as long as `t`, their prior scales and whether each is multiplicative. */
  readonly columns: readonly Float64Array[];
  readonly priorScales: Float64Array;
  readonly multiplicative: readonly boolean[];
  /** Ascending, in [0, 1]; empty for flat growth. */
  readonly changepoints: Float64Array;
  readonly changepointPriorScale: number;
}

/** Builds the problem straight from the samples; `design` is theirs, with linear or flat growth. */
export function buildMapProblem(samples: Samples, design: Design): MapProblem {
  const { timesMs, values } = samples;
  const { seasonalities, growth } = design;
  if (growth === 'logistic') throw new TypeError('Cannot build MapProblem: logistic growth is not linear');
  let sum = 0;
  for (const value of values) sum += value / values.length;
  const y = values.map((value) => (value - sum) / design.yScale);
  return {
    growth,
    t: timesMs.map((timeMs) => scaleTime(design, timeMs)),
    y,
    centre: (sum - design.floor) / design.yScale,
    columns: seasonalities.flatMap((seasonality) => fourierColumns(timesMs, seasonality)),
    priorScales: Float64Array.from(
      seasonalities.flatMap(({ fourierOrder, priorScale }) => new Array(2 * fourierOrder).fill(priorScale)),
    ),
    multiplicative: seasonalities.flatMap(({ fourierOrder, multiplicative }) =>
      new Array(2 * fourierOrder).fill(multiplicative),
    ),
    changepoints: design.changepoints,
    changepointPriorScale: design.changepointPriorScale,
  };
}
