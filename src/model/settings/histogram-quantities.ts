/** What is derived from the native histograms of a series. */
export interface HistogramSettings {
  /** Quantiles of the increase in each step, 0 < q < 1. */
  readonly quantiles: readonly number[];
}

/** Of the series `m` of a native histogram, `m_count` is the counter of its observations, and `m_avg` their average in each step. */
export const HISTOGRAM_COUNT = '_count';
export const HISTOGRAM_AVERAGE = '_avg';

/** The suffix of a quantile: `_p50`, `_p99`, `_p999` for 0.999. */
export function quantileSuffix(quantile: number): string {
  return `_p${String(Number((100 * quantile).toPrecision(12))).replace('.', '')}`;
}

/** The name of the histogram from which a series of this name may be derived, and what it would be of it. */
export function histogramOf(name: string): { readonly family: string; readonly suffix: string } | undefined {
  const match = /^(.+)(_count|_avg|_p\d+)$/.exec(name);
  return match === null ? undefined : { family: match[1]!, suffix: match[2]! };
}

/** Whether a series of this suffix is derived from histograms under these settings. */
export function derives({ quantiles }: HistogramSettings, suffix: string): boolean {
  if (suffix === HISTOGRAM_COUNT || suffix === HISTOGRAM_AVERAGE) return true;
  return quantiles.some((quantile) => quantileSuffix(quantile) === suffix);
}
