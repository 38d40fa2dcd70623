import { PLAIN_CALENDAR, type RuleCalendar } from '../../calendar/rule-calendar.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import { type RingView, ringIndex, wholeMemory } from '../../model/samples/ring-view.js';

const DAY_MS = 86_400_000;
const DAYS = 7;
const WEEK_DAYS = 7;
/** How many days back a day like today is looked for. */
const MAX_DAYS_BACK = 28;
/** The value of a day is the mean of this time before and after, or of one bucket where that is longer. */
const AROUND_MS = 15 * 60_000;

/** Scratch for one median. */
const SORTED = new Float64Array(DAYS);

/** The values of a series at the same time of other days, by a calendar: a special day is known from days like it. */
export class PastDays {
  readonly #view: RingView;
  readonly #stored: Float32Array | Float64Array;
  /** Where the ring begins in that memory. */
  readonly #at: number;
  readonly #shifts: readonly LevelShift[];
  readonly #calendar: RuleCalendar;

  /**
   * The history of the series, and the levels it has taken since: values before them are moved to the present level.
   */
  constructor(history: RingView, levelShifts: readonly LevelShift[], calendar: RuleCalendar = PLAIN_CALENDAR) {
    this.#view = history;
    this.#stored = wholeMemory(history);
    this.#at = history.byteOffset / this.#stored.BYTES_PER_ELEMENT;
    this.#shifts = levelShifts;
    this.#calendar = calendar;
  }

  /**
   * The median of the last seven days that have a value then, of those that were over at `knownUntilMs`; NaN of none.
   */
  median(timeMs: number, knownUntilMs: number): number {
    const { widthMs, capacity, newestBucket } = this.#view;
    const earliestMs = (newestBucket - capacity + 1) * widthMs;
    const days = SORTED;
    let count = 0;
    for (let day = this.#daysBack(timeMs, knownUntilMs, 1); count < DAYS; day++) {
      const atMs = this.#calendar.zone.daysBefore(timeMs, day);
      if (atMs < earliestMs) break;
      if (!this.#calendar.speaksFor(atMs, timeMs)) continue;
      const value = this.#around(atMs, knownUntilMs);
      if (!Number.isNaN(value)) insert(days, count++, value);
    }
    if (count === 0) return Number.NaN;
    return (days[(count - 1) >> 1]! + days[count >> 1]!) / 2;
  }

  /**
   * The last day that was over at `knownUntilMs`: yesterday, for times up to a day ahead. NaN where it has no value.
   */
  lastDay(timeMs: number, knownUntilMs: number): number {
    const days = this.#daysBack(timeMs, knownUntilMs, 1);
    return this.#around(this.#like(timeMs, days, 1), knownUntilMs);
  }

  /** The mean of the same weekday of the last two weeks, as far as they have a value; NaN of none. */
  sameWeekday(timeMs: number, knownUntilMs: number): number {
    const isSpecial = this.#calendar.at(timeMs)?.meaning.kind === 'like';
    const period = isSpecial ? 1 : WEEK_DAYS;
    const lastMs = this.#like(timeMs, this.#daysBack(timeMs, knownUntilMs, period), period);
    const last = this.#around(lastMs, knownUntilMs);
    const before = this.#around(this.#like(lastMs, WEEK_DAYS, WEEK_DAYS), knownUntilMs);
    if (Number.isNaN(before)) return last;
    return Number.isNaN(last) ? before : (last + before) / 2;
  }

  /**
   * The instant at this time of the last day, at least `days` before and by steps of `periodDays`, that may speak for a
   * time; NaN for a day that is learnt.
   */
  #like(timeMs: number, days: number, periodDays: number): number {
    const { zone } = this.#calendar;
    for (let back = days; back < days + MAX_DAYS_BACK; back += periodDays) {
      const atMs = zone.daysBefore(timeMs, back);
      if (this.#calendar.speaksFor(atMs, timeMs)) return atMs;
    }
    if (this.#calendar.learns(timeMs)) return Number.NaN;
    return zone.daysBefore(timeMs, days);
  }

  /** The least number of days, in whole periods of `periodDays`, by which a time has to go back to be known. */
  #daysBack(timeMs: number, knownUntilMs: number, periodDays: number): number {
    const { zone } = this.#calendar;
    const aheadMs = zone.toLocal(timeMs) - zone.toLocal(knownUntilMs);
    return periodDays * Math.max(1, Math.ceil(aheadMs / (periodDays * DAY_MS)));
  }

  /** The mean around a time, of buckets that were over at `knownUntilMs`: so it is the same at any later time. */
  #around(timeMs: number, knownUntilMs: number): number {
    const { widthMs, capacity, newestBucket, base } = this.#view;
    const aroundMs = Math.max(AROUND_MS, widthMs / 2);
    const first = Math.max(newestBucket - capacity + 1, Math.ceil((timeMs - aroundMs) / widthMs - 0.5));
    const known = Math.min(newestBucket, Math.floor(knownUntilMs / widthMs) - 1);
    const last = Math.min(known, Math.floor((timeMs + aroundMs) / widthMs - 0.5));
    let sum = 0;
    let count = 0;
    for (let bucket = first; bucket <= last; bucket++) {
      const value = this.#atPresentLevel(
        base + this.#stored[this.#at + ringIndex(bucket, capacity)]!,
        (bucket + 0.5) * widthMs,
      );
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  }

  #atPresentLevel(value: number, timeMs: number): number {
    let moved = value;
    for (const { atMs, factor, offset, resetsHistory } of this.#shifts) {
      if (timeMs < atMs) moved = resetsHistory ? Number.NaN : factor * moved + offset;
    }
    return moved;
  }
}

/** Puts a value in its place among the `count` sorted ones before it. */
function insert(sorted: Float64Array, count: number, value: number): void {
  let at = count;
  for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = value;
}
