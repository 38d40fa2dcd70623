/** What is known of a series: means of equal buckets in order of time, NaN where nothing came. */
export interface Buckets {
  readonly values: Float64Array;
  readonly perDay: number;
}

/** The line, the last day, the medians of three and of seven days, and the week before. */
export const GROWTH_EXPERTS = 5;
/** The line goes through this share of a day. */
const LINE_DAYS = 0.25;
/** Fewer values say nothing about growth. */
const MIN_POINTS = 6;
const [SHORT_DAYS, LONG_DAYS, WEEK_DAYS] = [3, 7, 7];
/** Scratch for one median. */
const SORTED = new Float64Array(LONG_DAYS);

/**
 * Several simple ways in which a series may go on growing from one of its buckets, its origin. A line says what no rhythm explains. The
 * others repeat by how much the series grew, at these times of the day, on the days before: work that comes in office hours,
 * logs that are removed every night; a median of days does without what happened once.
 */
export class GrowthExperts {
  readonly #values: Float64Array;
  readonly #perDay: number;
  #origin = 0;
  #atOrigin = Number.NaN;
  /** The line: its value at the origin, and by how much it rises from bucket to bucket. */
  #level = Number.NaN;
  #slope = Number.NaN;
  /** By how much the series grows in a whole day, by the last one and by the medians of days; and in a week. */
  #lastDay = Number.NaN;
  #shortDay = Number.NaN;
  #longDay = Number.NaN;
  #week = Number.NaN;

  constructor({ values, perDay }: Buckets) {
    this.#values = values;
    this.#perDay = perDay;
  }

  /** Takes a bucket as the newest that is known. Returns whether something can be said from there. */
  startAt(origin: number): boolean {
    this.#origin = origin;
    this.#atOrigin = this.#values[origin] ?? Number.NaN;
    if (Number.isNaN(this.#atOrigin)) return false;
    this.#fitLine();
    this.#lastDay = this.#medianGrowth(1, this.#perDay);
    this.#shortDay = this.#medianGrowth(SHORT_DAYS, this.#perDay);
    this.#longDay = this.#medianGrowth(LONG_DAYS, this.#perDay);
    this.#week = this.#growth(WEEK_DAYS, WEEK_DAYS * this.#perDay);
    return !Number.isNaN(this.#slope);
  }

  /** Writes what each expert expects `ahead` ≥ 1 buckets after the origin; NaN of those that have nothing to go by. */
  ask(ahead: number, expected: Float64Array): void {
    const days = Math.floor((ahead - 1) / this.#perDay);
    const rest = ahead - days * this.#perDay;
    const week = WEEK_DAYS * this.#perDay;
    const weeks = Math.floor((ahead - 1) / week);
    expected[0] = this.#level + this.#slope * ahead;
    expected[1] = this.#atOrigin + repeated(days, this.#lastDay) + this.#medianGrowth(1, rest);
    expected[2] = this.#atOrigin + repeated(days, this.#shortDay) + this.#medianGrowth(SHORT_DAYS, rest);
    expected[3] = this.#atOrigin + repeated(days, this.#longDay) + this.#medianGrowth(LONG_DAYS, rest);
    expected[4] = this.#atOrigin + repeated(weeks, this.#week) + this.#growth(WEEK_DAYS, ahead - weeks * week);
  }

  /** By how much the series grew within `buckets` of the same time `days` days before. */
  #growth(days: number, buckets: number): number {
    const from = this.#origin - days * this.#perDay;
    return from < 0 ? Number.NaN : this.#values[from + buckets]! - this.#values[from]!;
  }

  /** The median of that of the last days, as far as they are known. */
  #medianGrowth(days: number, buckets: number): number {
    let count = 0;
    for (let day = 1; day <= days; day++) {
      const growth = this.#growth(day, buckets);
      if (Number.isNaN(growth)) continue;
      let at = count++;
      for (; at > 0 && SORTED[at - 1]! > growth; at--) SORTED[at] = SORTED[at - 1]!;
      SORTED[at] = growth;
    }
    return count === 0 ? Number.NaN : (SORTED[(count - 1) >> 1]! + SORTED[count >> 1]!) / 2;
  }

  #fitLine(): void {
    const points = Math.max(MIN_POINTS, Math.round(LINE_DAYS * this.#perDay));
    let [n, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
    for (let i = Math.max(0, this.#origin - points + 1); i <= this.#origin; i++) {
      const [x, y] = [i - this.#origin, this.#values[i]!];
      if (Number.isNaN(y)) continue;
      [n, sumX, sumY, sumXX, sumXY] = [n + 1, sumX + x, sumY + y, sumXX + x * x, sumXY + x * y];
    }
    const isEnough = n >= MIN_POINTS;
    this.#slope = isEnough ? (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX) : Number.NaN;
    this.#level = isEnough ? (sumY - this.#slope * sumX) / n : Number.NaN;
  }
}

function repeated(times: number, growth: number): number {
  return times === 0 ? 0 : times * growth;
}
