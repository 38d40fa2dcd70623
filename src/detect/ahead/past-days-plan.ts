import type { RuleCalendar } from '../../calendar/rule-calendar.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import { type RingView, ringIndex, wholeMemory } from '../../model/samples/ring-view.js';
import { DAYS, insert, toPresentLevel } from './past-days.js';
import {
  daysBack,
  earliestOf,
  firstAround,
  instantLike,
  lastAround,
  lastWeekInstant,
  type RingGeometry,
  WEEK_DAYS,
} from './past-instants.js';

/** Number of a mean that is of nothing. */
const NONE = -1;
/** Scratch for one median. */
const SORTED = new Float64Array(DAYS);

/** What the days before say at each time of a plan. */
export interface PastDaysColumns {
  readonly median: Float64Array;
  readonly lastDay: Float64Array;
  readonly sameWeekday: Float64Array;
}

/**
 * `PastDays` at many times and for many series: which buckets have a part in each answer follows from the times, the
 * calendar and the geometry of the rings, and is worked out once; a mean that several answers have a part in is
 * computed once a series. Answers are the same to the bit.
 */
export class PastDaysPlan {
  readonly #times: number;
  readonly #geometry: RingGeometry;
  /** The buckets of each mean, both included. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** All buckets of any mean are from here on. */
  readonly #lowest: number;
  readonly #highest: number;
  /** Numbers of the means whose median is taken at a time, newest day first: [#daysAt[i], #daysAt[i + 1]). */
  readonly #days: Int32Array;
  readonly #daysAt: Int32Array;
  readonly #lastDay: Int32Array;
  readonly #week: Int32Array;
  readonly #weekBefore: Int32Array;
  readonly #present: Float64Array;
  readonly #means: Float64Array;
  /** In which call of `read` each of them was computed. */
  readonly #readIn: Int32Array;
  #reading = 0;
  readonly #columns: PastDaysColumns;

  constructor(timesMs: Float64Array, knownUntilMs: number, geometry: RingGeometry, calendar: RuleCalendar) {
    const count = timesMs.length;
    const means = new MeanNumbers(geometry, knownUntilMs);
    const earliestMs = earliestOf(geometry);
    const days: number[] = [];
    this.#times = count;
    this.#geometry = geometry;
    this.#daysAt = new Int32Array(count + 1);
    this.#lastDay = new Int32Array(count);
    this.#week = new Int32Array(count);
    this.#weekBefore = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const timeMs = timesMs[i]!;
      const back = daysBack(calendar, timeMs, knownUntilMs, 1);
      for (let day = back; ; day++) {
        const atMs = calendar.zone.daysBefore(timeMs, day);
        if (!(atMs >= earliestMs)) break;
        if (calendar.speaksFor(atMs, timeMs)) days.push(means.at(atMs));
      }
      this.#daysAt[i + 1] = days.length;
      this.#lastDay[i] = means.at(instantLike(calendar, timeMs, back, 1));
      const weekMs = lastWeekInstant(calendar, timeMs, knownUntilMs);
      this.#week[i] = means.at(weekMs);
      this.#weekBefore[i] = means.at(instantLike(calendar, weekMs, WEEK_DAYS, WEEK_DAYS));
    }
    this.#days = Int32Array.from(days);
    this.#first = Int32Array.from(means.first);
    this.#last = Int32Array.from(means.last);
    this.#lowest = this.#first.reduce((lowest, bucket) => Math.min(lowest, bucket), geometry.newestBucket);
    this.#highest = this.#last.reduce((highest, bucket) => Math.max(highest, bucket), this.#lowest - 1);
    this.#present = new Float64Array(this.#highest - this.#lowest + 1);
    this.#means = new Float64Array(this.#first.length);
    this.#readIn = new Int32Array(this.#first.length);
    this.#columns = {
      median: new Float64Array(count),
      lastDay: new Float64Array(count),
      sameWeekday: new Float64Array(count),
    };
  }

  /**
   * What the history of a series says at each time; the columns are good until the next call. The ring must have the
   * geometry of the plan.
   */
  read(history: RingView, levelShifts: readonly LevelShift[]): PastDaysColumns {
    this.#readPresent(history, levelShifts);
    this.#reading++;
    const { median, lastDay, sameWeekday } = this.#columns;
    for (let i = 0; i < this.#times; i++) {
      median[i] = this.#median(i);
      lastDay[i] = this.#mean(this.#lastDay[i]!);
      const last = this.#mean(this.#week[i]!);
      const before = this.#mean(this.#weekBefore[i]!);
      sameWeekday[i] = Number.isNaN(before) ? last : Number.isNaN(last) ? before : (last + before) / 2;
    }
    return this.#columns;
  }

  /** The values of all buckets at the present level, in order of time. */
  #readPresent(history: RingView, levelShifts: readonly LevelShift[]): void {
    const { capacity, widthMs } = this.#geometry;
    const { base } = history;
    const stored = wholeMemory(history);
    const start = history.byteOffset / stored.BYTES_PER_ELEMENT;
    const present = this.#present;
    let index = ringIndex(this.#lowest, capacity);
    for (let i = 0; i < present.length; i++) {
      present[i] = base + stored[start + index]!;
      if (++index === capacity) index = 0;
    }
    if (levelShifts.length === 0) return;
    for (let i = 0; i < present.length; i++) {
      present[i] = toPresentLevel(levelShifts, present[i]!, (this.#lowest + i + 0.5) * widthMs);
    }
  }

  /** The mean of this number, of the series that is being read. */
  #mean(k: number): number {
    if (k === NONE) return Number.NaN;
    if (this.#readIn[k] !== this.#reading) this.#compute(k);
    return this.#means[k]!;
  }

  #compute(k: number): void {
    const present = this.#present;
    const end = this.#last[k]! - this.#lowest;
    let sum = 0;
    let count = 0;
    for (let i = this.#first[k]! - this.#lowest; i <= end; i++) {
      const value = present[i]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    this.#readIn[k] = this.#reading;
    this.#means[k] = sum / count;
  }

  #median(i: number): number {
    const days = this.#days;
    const at = this.#daysAt[i]!;
    if (this.#daysAt[i + 1]! - at < DAYS) return this.#medianOfSome(i);
    const a = this.#mean(days[at]!);
    const b = this.#mean(days[at + 1]!);
    const c = this.#mean(days[at + 2]!);
    const d = this.#mean(days[at + 3]!);
    const e = this.#mean(days[at + 4]!);
    const f = this.#mean(days[at + 5]!);
    const g = this.#mean(days[at + 6]!);
    if (Number.isNaN(a + b + c + d + e + f + g)) return this.#medianOfSome(i);
    const median = medianOfSeven(a, b, c, d, e, f, g);
    // The mean of the middle two is the same value, unless it is too large to be doubled.
    return (median + median) / 2;
  }

  /** Where days have no value, those before them count. */
  #medianOfSome(i: number): number {
    const sorted = SORTED;
    const days = this.#days;
    const end = this.#daysAt[i + 1]!;
    let count = 0;
    for (let at = this.#daysAt[i]!; at < end && count < DAYS; at++) {
      const value = this.#mean(days[at]!);
      if (!Number.isNaN(value)) insert(sorted, count++, value);
    }
    if (count === 0) return Number.NaN;
    return (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2;
  }
}

/** Without branches, which nobody can predict here: a sort takes three times as long. */
function medianOfSeven(a: number, b: number, c: number, d: number, e: number, f: number, g: number): number {
  const { min, max } = Math;
  // Of each pair, and then of the pairs: the least and the greatest of four cannot be the middle of seven.
  const lowAB = min(a, b);
  const highAB = max(a, b);
  const lowCD = min(c, d);
  const highCD = max(c, d);
  const lowEF = min(e, f);
  const highEF = max(e, f);
  const middleLow = max(lowAB, lowCD);
  const middleHigh = min(highAB, highCD);
  const least = min(lowAB, lowCD);
  const greatest = max(highAB, highCD);
  // The middle of {least ≤ middleLow, middleHigh ≤ greatest}, {lowEF ≤ highEF} and g: three of four pass on.
  return middleOf(least, min(middleLow, middleHigh), max(middleLow, middleHigh), greatest, lowEF, highEF, g);
}

/** The middle of four in order, two in order and one. */
function middleOf(a: number, b: number, c: number, d: number, e: number, f: number, g: number): number {
  const { min, max } = Math;
  // Three in order of the latter.
  const low = min(e, g);
  const high = max(f, g);
  const mid = max(e, min(f, g));
  // The fourth of a merge of [a, b, c, d] and [low, mid, high]: the greatest of what is at most fourth in either way to
  // take it.
  return min(max(a, high), max(b, mid), max(c, low), d);
}

/** Numbers means by their buckets. */
class MeanNumbers {
  readonly first: number[] = [];
  readonly last: number[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #geometry: RingGeometry;
  readonly #knownUntilMs: number;

  constructor(geometry: RingGeometry, knownUntilMs: number) {
    this.#geometry = geometry;
    this.#knownUntilMs = knownUntilMs;
  }

  /** The number of the mean around an instant, `NONE` where it has no buckets. */
  at(timeMs: number): number {
    const first = firstAround(this.#geometry, timeMs, this.#knownUntilMs);
    const last = lastAround(this.#geometry, timeMs, this.#knownUntilMs);
    if (!(first <= last)) return NONE;
    // Fewer than 65,536 buckets are around an instant, or the ring would hold no day.
    const key = first * 65_536 + (last - first);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.first.length;
    this.#numbers.set(key, number);
    this.first.push(first);
    this.last.push(last);
    return number;
  }
}
