import type { NativeHistogram } from '../model/samples/native-histogram.js';
import { HISTOGRAM_AVERAGE, type HistogramSettings, quantileSuffix } from '../model/settings/histogram-quantities.js';
import { histogramQuantile } from './quantile.js';

/** A quantity of what was observed in a step; the series of `m` that has it is called `m` and the suffix. */
export interface Measure {
  readonly suffix: string;
  readonly of: (observed: NativeHistogram) => number;
}

/** The average and the quantiles that a rule asks for. */
export function measuresOf({ quantiles }: HistogramSettings): Measure[] {
  return [
    { suffix: HISTOGRAM_AVERAGE, of: ({ sum, count }) => sum / count },
    ...quantiles.map((quantile) => ({
      suffix: quantileSuffix(quantile),
      of: (observed: NativeHistogram) => histogramQuantile(observed, quantile),
    })),
  ];
}
