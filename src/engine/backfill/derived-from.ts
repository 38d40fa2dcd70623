import { labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import { derives, histogramOf } from '../../model/settings/histogram-quantities.js';
import type { SeriesStore } from '../../series/series-store.js';

/**
 * The native histogram from which a series is derived, or may be: `m_count` may be a counter of that name too. Undefined for every
 * other series.
 */
export function derivedFrom(
  store: SeriesStore,
  id: number,
): { readonly family: string; readonly suffix: string } | undefined {
  const { histogram } = store.settings(id);
  if (histogram === undefined) return undefined;
  const origin = histogramOf(labelValue(store.labels(id), METRIC_NAME));
  return origin !== undefined && derives(histogram, origin.suffix) ? origin : undefined;
}
