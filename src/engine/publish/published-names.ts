import { quantitySuffix } from '../../model/settings/synthetic.js';
import type { SeriesStore } from '../../series/series-store.js';
import { LIMIT_SIDES } from '../series/crossings-state.js';
import type { PublishedAs } from '../series/publish-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/** Under which names a series is published by its present settings. */
export function namesOf(store: SeriesStore, series: TrackedSeries): PublishedAs {
  const { horizons, severity, bounds, limits } = store.settings(series.id);
  return {
    quantity: quantitySuffix(store.aggregate(series.id)),
    horizons,
    severity,
    limits: LIMIT_SIDES.filter((side) => (limits[side] ?? bounds[side]) !== undefined),
  };
}
