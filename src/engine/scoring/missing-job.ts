import { calendarOf } from '../../calendar/rule-calendar.js';
import { PastDays } from '../../detect/ahead/past-days.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const WEEK_DAYS = 7;
/**
 * What came a week ago has not come if the value is lower by this, in σ, or higher if it is a dip: that it made no alarm may also be
 * because the model has learnt it.
 */
const MIN_SIGMAS = 2;

/** Whether something that was an alarm at this time day after day, or week after week, has not come in a step. */
export function isJobMissing(
  store: SeriesStore,
  { id, alarms, levelShifts }: TrackedSeries,
  startMs: number,
  value: number,
  sigma: number,
): boolean {
  const settings = store.settings(id);
  const { stepMs } = settings;
  const calendar = calendarOf(settings);
  const side = alarms.sideOfDue(startMs + stepMs, stepMs, calendar.zone);
  if (side === 0) return false;
  const days = new PastDays(store.historyView(id), levelShifts, calendar);
  const weekAgo = days.value(calendar.zone.daysBefore(startMs + stepMs / 2, WEEK_DAYS));
  return side * (weekAgo - value) >= MIN_SIGMAS * sigma;
}
