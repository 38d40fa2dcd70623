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

/** In place of the number of a mean. */
const NONE = -1;
/** More than there are ever calls of `read`. */
const NEVER_OVER = 0x7fff_ffff;
/** Scratch for one median. */
const SORTED = new Float64Array(DAYS);

/** The values of a ring are `base` + `values[start + index]`. */
interface Ring {
  readonly values: Float32Array | Float64Array;
  readonly start: number;
  readonly base: number;
}

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
  readonly #geometry: RingGeometry;
  /** Where in the ring the buckets of each mean begin, and how many they are; they may go on at its beginning. */
  readonly #first: Int32Array;
  readonly #length: Int32Array;
  /** Numbers of the means whose median is taken at a time, newest day first: [#daysAt[i], #daysAt[i + 1]). */
  readonly #days: Int32Array;
  readonly #daysAt: Int32Array;
  readonly #lastDay: Int32Array;
  readonly #week: Int32Array;
  readonly #weekBefore: Int32Array;
  readonly #means: Float64Array;
  /** Means that every series needs, whatever days have a value, by how many buckets they are of. */
  readonly #ofOne: Int32Array;
  readonly #ofTwo: Int32Array;
  readonly #ofMore: Int32Array;
  /** In which call of `read` each of the other means was computed; of those above, one that is never over. */
  readonly #readIn: Int32Array;
  /** The ring of the series that is being read. */
  #ring: Ring = { values: new Float64Array(0), start: 0, base: 0 };
  /** The values at the present level of a ring whose level has changed. */
  #moved: Float64Array | undefined;
  #reading = 0;
  readonly #columns: PastDaysColumns;

  constructor(timesMs: Float64Array, knownUntilMs: number, geometry: RingGeometry, calendar: RuleCalendar) {
    const count = timesMs.length;
    const means = new MeanNumbers(geometry, knownUntilMs);
    const earliestMs = earliestOf(geometry);
    const days: number[] = [];
    const needed = new Set<number>();
    const need = (atMs: number) => {
      const mean = means.at(atMs);
      needed.add(mean);
      return mean;
    };
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
        if (!calendar.speaksFor(atMs, timeMs)) continue;
        days.push(days.length - this.#daysAt[i]! < DAYS ? need(atMs) : means.at(atMs));
      }
      this.#daysAt[i + 1] = days.length;
      this.#lastDay[i] = need(instantLike(calendar, timeMs, back, 1));
      const weekMs = lastWeekInstant(calendar, timeMs, knownUntilMs);
      this.#week[i] = need(weekMs);
      this.#weekBefore[i] = need(instantLike(calendar, weekMs, WEEK_DAYS, WEEK_DAYS));
    }
    this.#days = Int32Array.from(days);
    this.#first = Int32Array.from(means.first, (bucket) => ringIndex(bucket, geometry.capacity));
    this.#length = Int32Array.from(means.first, (bucket, k) => means.last[k]! - bucket + 1);
    this.#means = new Float64Array(this.#first.length);
    // In the order of the ring, so that it is read from one end to the other.
    const inOrder = Int32Array.from(needed).sort((a, b) => this.#first[a]! - this.#first[b]!);
    this.#ofOne = inOrder.filter((mean) => this.#length[mean] === 1);
    this.#ofTwo = inOrder.filter((mean) => this.#length[mean] === 2);
    this.#ofMore = inOrder.filter((mean) => ![1, 2].includes(this.#length[mean]!));
    this.#readIn = new Int32Array(this.#first.length);
    for (const mean of needed) this.#readIn[mean] = NEVER_OVER;
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
    this.#ring = this.#ringOf(history, levelShifts);
    this.#reading++;
    this.#readNeeded();
    this.#readMedians();
    const means = this.#means;
    const { lastDay, sameWeekday } = this.#columns;
    for (let i = 0; i < lastDay.length; i++) {
      lastDay[i] = means[this.#lastDay[i]!]!;
      const last = means[this.#week[i]!]!;
      const before = means[this.#weekBefore[i]!]!;
      sameWeekday[i] = Number.isNaN(before) ? last : Number.isNaN(last) ? before : (last + before) / 2;
    }
    return this.#columns;
  }

  /** The ring at the present level: as it is stored where that is the only one. */
  #ringOf(history: RingView, levelShifts: readonly LevelShift[]): Ring {
    const { capacity, widthMs, newestBucket } = this.#geometry;
    const { base } = history;
    const values = wholeMemory(history);
    const start = history.byteOffset / values.BYTES_PER_ELEMENT;
    if (levelShifts.length === 0) return { values, start, base };
    this.#moved ??= new Float64Array(capacity);
    for (let bucket = newestBucket - capacity + 1; bucket <= newestBucket; bucket++) {
      const index = ringIndex(bucket, capacity);
      this.#moved[index] = toPresentLevel(levelShifts, base + values[start + index]!, (bucket + 0.5) * widthMs);
    }
    return { values: this.#moved, start: 0, base: 0 };
  }

  #readNeeded(): void {
    const { values, start, base } = this.#ring;
    const { capacity } = this.#geometry;
    const [means, first, ofOne, ofTwo, ofMore] = [this.#means, this.#first, this.#ofOne, this.#ofTwo, this.#ofMore];
    for (let n = 0; n < ofOne.length; n++) {
      const k = ofOne[n]!;
      means[k] = 0 + (base + values[start + first[k]!]!);
    }
    for (let n = 0; n < ofTwo.length; n++) {
      const k = ofTwo[n]!;
      const at = first[k]!;
      const sum = 0 + (base + values[start + at]!) + (base + values[start + (at + 1 === capacity ? 0 : at + 1)]!);
      means[k] = Number.isNaN(sum) ? this.#meanOf(k) : sum / 2;
    }
    for (let n = 0; n < ofMore.length; n++) {
      const k = ofMore[n]!;
      means[k] = this.#meanOf(k);
    }
  }

  #readMedians(): void {
    const { median } = this.#columns;
    const [days, daysAt, means] = [this.#days, this.#daysAt, this.#means];
    for (let i = 0; i < median.length; i++) {
      const at = daysAt[i]!;
      const middleAt = daysAt[i + 1]! - at < DAYS ? NONE : middleOfSeven(means, days, at);
      // The mean of the middle two is the same value, unless it is too large to be doubled.
      median[i] = middleAt === NONE ? this.#medianOfSome(i) : (means[middleAt]! + means[middleAt]!) / 2;
    }
  }

  /** The mean of this number, of the series that is being read. */
  #mean(k: number): number {
    if (this.#readIn[k]! < this.#reading) {
      this.#readIn[k] = this.#reading;
      this.#means[k] = this.#meanOf(k);
    }
    return this.#means[k]!;
  }

  /** The mean of the values there are; NaN of none. */
  #meanOf(k: number): number {
    const { values, start, base } = this.#ring;
    const { capacity } = this.#geometry;
    let index = this.#first[k]!;
    let sum = 0;
    let count = 0;
    for (let n = this.#length[k]!; n > 0; n--) {
      const value = base + values[start + index]!;
      if (++index === capacity) index = 0;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
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

/**
 * The number of the middle one of the seven means whose numbers are from `at` on, of equal ones the first being the least;
 * `NONE` where one of them is NaN. Each is compared with each, and nothing branches, because nobody can predict how the days
 * compare: minima and maxima take four times as long, a sort eight times.
 */
function middleOfSeven(means: Float64Array, days: Int32Array, at: number): number {
  const a = means[days[at]!]!;
  const b = means[days[at + 1]!]!;
  const c = means[days[at + 2]!]!;
  const d = means[days[at + 3]!]!;
  const e = means[days[at + 4]!]!;
  const f = means[days[at + 5]!]!;
  const g = means[days[at + 6]!]!;
  if (Number.isNaN(a + b + c + d + e + f + g)) return NONE;
  const ba = Number(b < a);
  const ca = Number(c < a);
  const da = Number(d < a);
  const ea = Number(e < a);
  const fa = Number(f < a);
  const ga = Number(g < a);
  const cb = Number(c < b);
  const db = Number(d < b);
  const eb = Number(e < b);
  const fb = Number(f < b);
  const gb = Number(g < b);
  const dc = Number(d < c);
  const ec = Number(e < c);
  const fc = Number(f < c);
  const gc = Number(g < c);
  const ed = Number(e < d);
  const fd = Number(f < d);
  const gd = Number(g < d);
  const fe = Number(f < e);
  const ge = Number(g < e);
  const gf = Number(g < f);
  // How many are less than each; of those before it, all that are not greater.
  const belowB = 1 - ba + cb + db + eb + fb + gb;
  const belowC = 2 - ca - cb + dc + ec + fc + gc;
  const belowD = 3 - da - db - dc + ed + fd + gd;
  const belowE = 4 - ea - eb - ec - ed + fe + ge;
  const belowF = 5 - fa - fb - fc - fd - fe + gf;
  const belowG = 6 - ga - gb - gc - gd - ge - gf;
  const middle =
    Number(belowB === 3) +
    2 * Number(belowC === 3) +
    3 * Number(belowD === 3) +
    4 * Number(belowE === 3) +
    5 * Number(belowF === 3) +
    6 * Number(belowG === 3);
  return days[at + middle]!;
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

  /** The number of the mean around an instant; where it has no buckets, of one that has none. */
  at(timeMs: number): number {
    let first = firstAround(this.#geometry, timeMs, this.#knownUntilMs);
    let last = lastAround(this.#geometry, timeMs, this.#knownUntilMs);
    if (!(first <= last)) [first, last] = [0, -1];
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
