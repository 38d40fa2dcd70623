import { PLAIN_CALENDAR, type RuleCalendar } from '../../calendar/rule-calendar.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import { type RingView, ringIndex, wholeMemory } from '../../model/samples/ring-view.js';
import {
  daysBack,
  earliestOf,
  firstAround,
  instantLike,
  lastAround,
  lastWeekInstant,
  WEEK_DAYS,
} from './past-instants.js';

/** A median is of this many days at most. */
export const DAYS = 7;

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
    const earliestMs = earliestOf(this.#view);
    const days = SORTED;
    let count = 0;
    for (let day = daysBack(this.#calendar, timeMs, knownUntilMs, 1); count < DAYS; day++) {
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
    const days = daysBack(this.#calendar, timeMs, knownUntilMs, 1);
    return this.#around(instantLike(this.#calendar, timeMs, days, 1), knownUntilMs);
  }

  /** The mean of the same weekday of the last two weeks, as far as they have a value; NaN of none. */
  sameWeekday(timeMs: number, knownUntilMs: number): number {
    const lastMs = lastWeekInstant(this.#calendar, timeMs, knownUntilMs);
    const last = this.#around(lastMs, knownUntilMs);
    const before = this.#around(instantLike(this.#calendar, lastMs, WEEK_DAYS, WEEK_DAYS), knownUntilMs);
    if (Number.isNaN(before)) return last;
    return Number.isNaN(last) ? before : (last + before) / 2;
  }

  /** The value at a time, of the same width as those of other days; NaN where there is none. */
  value(timeMs: number): number {
    return this.#around(timeMs, Number.POSITIVE_INFINITY);
  }

  /** The mean around a time, of buckets that were over at `knownUntilMs`: so it is the same at any later time. */
  #around(timeMs: number, knownUntilMs: number): number {
    const { widthMs, capacity, base } = this.#view;
    const first = firstAround(this.#view, timeMs, knownUntilMs);
    const last = lastAround(this.#view, timeMs, knownUntilMs);
    let sum = 0;
    let count = 0;
    for (let bucket = first; bucket <= last; bucket++) {
      const value = toPresentLevel(
        this.#shifts,
        base + this.#stored[this.#at + ringIndex(bucket, capacity)]!,
        (bucket + 0.5) * widthMs,
      );
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  }
}

/** A value at the level that the series has now; NaN where a shift says that the past means nothing. */
export function toPresentLevel(shifts: readonly LevelShift[], value: number, timeMs: number): number {
  let moved = value;
  for (const { atMs, factor, offset, resetsHistory } of shifts) {
    if (timeMs < atMs) moved = resetsHistory ? Number.NaN : factor * moved + offset;
  }
  return moved;
}

/** Puts a value in its place among the `count` sorted ones before it. */
export function insert(sorted: Float64Array, count: number, value: number): void {
  let at = count;
  for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = value;
}
