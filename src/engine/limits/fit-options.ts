import type { ProphetSettings } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';

/**
 * The options with which a series is fitted now: with `cap` and `floor` as they are at present where another series has
 * them. Until they are known, growth is linear.
 */
export function fitOptions(store: SeriesStore, id: number): ProphetSettings {
  const { prophet } = store.settings(id);
  // Fast path: most rules have numbers, or none.
  if (prophet.capFrom === undefined && prophet.floorFrom === undefined) return prophet;
  const { capFrom, floorFrom, ...options } = prophet;
  const cap = capFrom === undefined ? options.cap : store.match(id, capFrom);
  const floor = floorFrom === undefined ? options.floor : store.match(id, floorFrom);
  if (typeof cap === 'number' && typeof floor !== 'string')
    return { ...options, cap, ...(floor !== undefined && { floor }) };
  const { cap: _, floor: __, ...linear } = options;
  return { ...linear, growth: 'linear' };
}
