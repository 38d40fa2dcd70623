import { type TimeZone, UTC } from '../../calendar/time-zone.js';

/** A span of time in which a series was not at rest, and its largest distance from rest. */
interface BusyPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly peak: number;
}

/** Three weeks of a daily job. */
const MAX_PERIODS = 24;
/** With fewer than these nothing is usual yet. */
const MIN_PERIODS = 3;
/** The longest and the largest of this time are kept: where there are many periods a day, the last 24 cover some hours only. */
const EXTREMES_MS = 14 * 86_400_000;
/** A period ends after this many steps at rest. */
const REST_STEPS = 2;
/** A period is usual in size up to this multiple of the third largest. */
const PEAK_MARGIN = 2.2;
/** A period is too long from this multiple of the longest one on, and by at least this time. */
const LONGER = 1.5;
const MIN_LONGER_MS = 5 * 60_000;
/**
 * From this many periods on, whose lengths are known to be alike, less is too long: this share above the longest one, and
 * this many standard deviations of the lengths.
 */
const MIN_ALIKE = 5;
const LONGER_THAN_ALIKE = 0.25;
const LONGER_SDS = 3;
/** This many long periods make their length usual. */
const USUAL_LONG = 3;
/** Tolerance of the time of the day at which a period begins; at least two steps. */
const SLACK_MS = 15 * 60_000;
const WEEK_DAYS = 7;
/**
 * A period is due if it came on this many of seven days, the same weekday among them, or at this time in this many
 * weeks.
 */
const DUE_DAYS = 5;
const DUE_WEEKS = 3;
/** Shorter periods come and go by chance. */
const MIN_DUE_STEPS = 3;

/** How a step compares with what a series usually does. */
export type Business = 'usual' | 'long' | 'large' | 'missing' | 'unknown';

/**
 * When, how long and how much a series that rests most of the time is busy: jobs, errors. σ does not measure these,
 * because it is that of the rest; a period is compared with the others instead.
 */
export class BusyPeriods {
  /** In order of time; the last one may not be over. */
  #periods: readonly BusyPeriod[] = [];

  /**
   * Takes in the step that begins at `timeMs`: `off` is its distance from rest, 0 at rest. A step at rest is `usual`,
   * unless a period is due and does not come: then it is `missing` until the period would be over.
   */
  next(off: number, timeMs: number, stepMs: number, zone: TimeZone = UTC): Business {
    if (off === 0) return this.#isMissing(timeMs, stepMs, zone) ? 'missing' : 'usual';
    const last = this.#periods.at(-1);
    const goesOn = last !== undefined && timeMs - last.toMs <= REST_STEPS * stepMs;
    const period = {
      fromMs: goesOn ? last.fromMs : timeMs,
      toMs: timeMs + stepMs,
      peak: goesOn ? Math.max(last.peak, off) : off,
    };
    const before = goesOn ? this.#periods.slice(0, -1) : this.#periods;
    this.#periods = withinMemory([...before, period]);
    if (before.length < MIN_PERIODS) return 'unknown';
    const peaks = before.map(({ peak }) => peak).sort((a, b) => b - a);
    if (off > PEAK_MARGIN * peaks[MIN_PERIODS - 1]!) return 'large';
    return this.#isLong(period, before, stepMs) ? 'long' : 'usual';
  }

  /** Whether it is longer than all others, except the few that were too long themselves. */
  #isLong(period: BusyPeriod, before: readonly BusyPeriod[], stepMs: number): boolean {
    const lengths = before.map(lengthOf).sort((a, b) => b - a);
    const most = (longest: number) => LONGER * longest + Math.max(MIN_LONGER_MS, REST_STEPS * stepMs);
    let at = 0;
    while (at < USUAL_LONG - 1 && at + 1 < lengths.length && lengths[at]! > most(lengths[at + 1]!)) at++;
    const usual = lengths.slice(at);
    const [longest] = usual as [number];
    const isAlike = usual.length >= MIN_ALIKE && usual[usual.length >> 1]! >= MIN_DUE_STEPS * stepMs;
    const longer = Math.max(LONGER_THAN_ALIKE * longest, LONGER_SDS * deviationOf(usual), MIN_LONGER_MS, stepMs);
    return lengthOf(period) > Math.min(most(longest), isAlike ? longest + longer : Number.POSITIVE_INFINITY);
  }

  #isMissing(timeMs: number, stepMs: number, zone: TimeZone): boolean {
    const slackMs = Math.max(SLACK_MS, 2 * stepMs);
    for (const { fromMs, toMs } of this.#periods) {
      if (toMs - fromMs < MIN_DUE_STEPS * stepMs) continue;
      const dueMs = zone.daysBefore(fromMs, -WEEK_DAYS);
      const lateMs = timeMs - dueMs;
      if (lateMs <= slackMs || lateMs > toMs - fromMs + slackMs) continue;
      if (this.#isDue(dueMs, slackMs, zone) && !this.#began(dueMs - slackMs, timeMs)) return true;
    }
    return false;
  }

  #isDue(dueMs: number, slackMs: number, zone: TimeZone): boolean {
    const came = (daysAgo: number) => {
      const atMs = zone.daysBefore(dueMs, daysAgo);
      return this.#began(atMs - slackMs, atMs + slackMs);
    };
    let days = 0;
    for (let daysAgo = 1; daysAgo <= 7; daysAgo++) if (came(daysAgo)) days++;
    let weeks = 0;
    while (weeks < DUE_WEEKS && came((weeks + 1) * WEEK_DAYS)) weeks++;
    return days >= DUE_DAYS || weeks === DUE_WEEKS;
  }

  #began(fromMs: number, toMs: number): boolean {
    return this.#periods.some((period) => period.fromMs >= fromMs && period.fromMs <= toMs);
  }

  /** The whole state, for snapshots. */
  get state(): readonly number[] {
    return this.#periods.flatMap(({ fromMs, toMs, peak }) => [fromMs, toMs, peak]);
  }

  set state(fields: readonly number[]) {
    this.#periods = Array.from({ length: fields.length / 3 }, (_, i) => ({
      fromMs: fields[3 * i]!,
      toMs: fields[3 * i + 1]!,
      peak: fields[3 * i + 2]!,
    }));
  }
}

/**
 * If there are too many periods, drops the oldest one that is neither among the longest nor among the largest of two weeks.
 */
function withinMemory(periods: readonly BusyPeriod[]): readonly BusyPeriod[] {
  if (periods.length <= MAX_PERIODS) return periods;
  const sinceMs = periods.at(-1)!.toMs - EXTREMES_MS;
  const recent = periods.filter(({ fromMs }) => fromMs >= sinceMs).reverse();
  const longest = recent.toSorted((a, b) => lengthOf(b) - lengthOf(a)).slice(0, USUAL_LONG);
  const largest = recent.toSorted((a, b) => b.peak - a.peak).slice(0, MIN_PERIODS);
  const kept = new Set([...longest, ...largest]);
  const least = periods.findIndex((period) => !kept.has(period));
  return periods.toSpliced(least, 1);
}

function lengthOf({ fromMs, toMs }: BusyPeriod): number {
  return toMs - fromMs;
}

/** The standard deviation of two values or more. */
function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
