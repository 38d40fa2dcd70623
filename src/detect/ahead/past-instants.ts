import type { RuleCalendar } from '../../calendar/rule-calendar.js';
import type { RingView } from '../../model/samples/ring-view.js';

const DAY_MS = 86_400_000;
export const WEEK_DAYS = 7;
/** How many days back a day like today is looked for. */
const MAX_DAYS_BACK = 28;
/**
 * The value of a day is the mean of this time before and after, or of one bucket where that is longer. A longer mean makes the
 * peaks of daily jobs lower.
 */
const AROUND_MS = 5 * 60_000;

/** What of a ring says which buckets there are. */
export type RingGeometry = Pick<RingView, 'widthMs' | 'capacity' | 'newestBucket'>;

/** The least number of days, in whole periods of `periodDays`, by which a time has to go back to be known at `knownUntilMs`. */
export function daysBack({ zone }: RuleCalendar, timeMs: number, knownUntilMs: number, periodDays: number): number {
  const aheadMs = zone.toLocal(timeMs) - zone.toLocal(knownUntilMs);
  return periodDays * Math.max(1, Math.ceil(aheadMs / (periodDays * DAY_MS)));
}

/**
 * The instant at this time of the last day, at least `days` before and by steps of `periodDays`, that may speak for a time; NaN
 * for a day that is learnt.
 */
export function instantLike(calendar: RuleCalendar, timeMs: number, days: number, periodDays: number): number {
  const { zone } = calendar;
  for (let back = days; back < days + MAX_DAYS_BACK; back += periodDays) {
    const atMs = zone.daysBefore(timeMs, back);
    if (calendar.speaksFor(atMs, timeMs)) return atMs;
  }
  if (calendar.learns(timeMs)) return Number.NaN;
  return zone.daysBefore(timeMs, days);
}

/** The instant on the last day like that of a time: of its weekday, or, if it is special, of one like it. */
export function lastWeekInstant(calendar: RuleCalendar, timeMs: number, knownUntilMs: number): number {
  const isSpecial = calendar.at(timeMs)?.meaning.kind === 'like';
  const period = isSpecial ? 1 : WEEK_DAYS;
  return instantLike(calendar, timeMs, daysBack(calendar, timeMs, knownUntilMs, period), period);
}

/**
 * The first of the buckets of which the value at an instant is the mean; NaN of no instant. Where the bucket then was the first
 * that was not over at `knownUntilMs`, it is the one before.
 */
export function firstAround(geometry: RingGeometry, timeMs: number, knownUntilMs: number): number {
  const { widthMs, capacity, newestBucket } = geometry;
  const aroundMs = Math.max(AROUND_MS, widthMs / 2);
  const first = Math.ceil((timeMs - aroundMs) / widthMs - 0.5);
  const known = lastKnown(geometry, knownUntilMs);
  return Math.max(newestBucket - capacity + 1, first === known + 1 ? known : first);
}

/** The last of them that was over at `knownUntilMs`, so that the value is the same at any later time; none where it is less than the first. */
export function lastAround(geometry: RingGeometry, timeMs: number, knownUntilMs: number): number {
  const { widthMs } = geometry;
  const aroundMs = Math.max(AROUND_MS, widthMs / 2);
  return Math.min(lastKnown(geometry, knownUntilMs), Math.floor((timeMs + aroundMs) / widthMs - 0.5));
}

/** The last bucket that was over then. */
function lastKnown({ widthMs, newestBucket }: RingGeometry, knownUntilMs: number): number {
  return Math.min(newestBucket, Math.floor(knownUntilMs / widthMs) - 1);
}

/** When the oldest bucket begins. */
export function earliestOf({ widthMs, capacity, newestBucket }: RingGeometry): number {
  return (newestBucket - capacity + 1) * widthMs;
}
