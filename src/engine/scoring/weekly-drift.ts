import { timeZone } from '../../calendar/time-zone.js';
import { moveHistory } from '../../forecast/model/move-level.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const DAY_MS = 86_400_000;
const DAYS = 7;
/** A day is represented by the mean over this long before the same time of day. */
const MEAN_MS = 6 * 3_600_000;
/** A change by less than this share in a week is growth, no drift. */
const MIN_SHARE = 0.25;
/** On this many of the days it must have moved the same way. */
const MIN_SAME_WAY = 5;
/** No day may have this much more or less of the change than another: that is a step, or weather, and no drift. */
const MAX_UNEVENNESS = 0.17;
/** It goes on while the last day has at least this share of an average day's change. */
const MIN_LAST_DAY_SHARE = 0.4;
/** In the week before it must have changed by less than this share of that. */
const MAX_BEFORE_SHARE = 0.4;

/** Of a younger series there is no week ago. */
export const DRIFT_HISTORY_MS = DAYS * DAY_MS + MEAN_MS;

/**
 * Whether a series has been moving away from what it was a week ago, a little every day, and still does. No single day shows
 * that, because every fit follows. Accepted levels are no drift.
 */
export function isDrifting(store: SeriesStore, { id, levelShifts }: TrackedSeries, endMs: number): boolean {
  const zone = timeZone(store.settings(id).timezone);
  const mean = (daysAgo: number) => {
    const toMs = zone.daysBefore(endMs, daysAgo);
    const { values } = moveHistory(store.readHistory(id, toMs - MEAN_MS, toMs), levelShifts);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const now = mean(0);
  const weekAgo = mean(DAYS);
  const change = now - weekAgo;
  if (!(Math.abs(change) >= MIN_SHARE * Math.abs(weekAgo))) return false;
  let before = weekAgo;
  let sameWay = 0;
  let last = 0;
  for (let daysAgo = DAYS - 1; daysAgo >= 0; daysAgo--) {
    const day = daysAgo === 0 ? now : mean(daysAgo);
    const share = (day - before) / change;
    if (!(Math.abs(share - 1 / DAYS) <= MAX_UNEVENNESS)) return false;
    if (share > 0) sameWay++;
    last = share;
    before = day;
  }
  const changeBefore = Math.abs(weekAgo - mean(2 * DAYS));
  if (changeBefore > MAX_BEFORE_SHARE * Math.abs(change)) return false;
  return sameWay >= MIN_SAME_WAY && last * DAYS >= MIN_LAST_DAY_SHARE;
}
