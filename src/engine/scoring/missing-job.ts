import { calendarOf } from '../../calendar/rule-calendar.js';
import { PastDays } from '../../detect/ahead/past-days.js';
import { dueSlackMs } from '../../detect/alarms.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const WEEK_DAYS = 7;
/**
 * What came a week ago has not come if all values since it was due are lower by this, in σ, or higher if it is a dip: that it made no
 * alarm may also be because the model has learnt it.
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
  const due = alarms.dueAt(startMs + stepMs, stepMs, calendar.zone);
  if (due === undefined) return false;
  // It may come a little late: its own middle says what it is like, and not the same time of a week ago.
  const days = new PastDays(store.historyView(id), levelShifts, calendar);
  const weekAgo = days.value((due.fromMs + due.toMs) / 2);
  const isOff = (other: number) => due.side * (weekAgo - other) >= MIN_SIGMAS * sigma;
  const sinceMs = calendar.zone.daysBefore(due.fromMs, -WEEK_DAYS) - dueSlackMs(stepMs);
  return isOff(value) && store.readSteps(id, sinceMs, startMs).values.every(isOff);
}
