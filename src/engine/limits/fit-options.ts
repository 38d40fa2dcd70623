import { knownGrowth } from '../../model/settings/known-figures.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';

/**
 * The options with which a series is fitted now: with `cap` and `floor` as they are at present where another series has
 * them. Until they are known, growth is linear.
 */
export function fitOptions(store: SeriesStore, id: number): ProphetSettings {
  return knownGrowth(store.settings(id).prophet, (reference) => store.match(id, reference));
}
