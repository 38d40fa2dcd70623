import { daysToMonth, daysToMonthEnd } from '../calendar/months.js';
import { type TimeZone, UTC } from '../calendar/time-zone.js';
import { alarmGapMs } from '../model/samples/alarm-gap.js';
import { type AcceptedAlarm, isAccepted } from './accepted-alarms.js';
import type { StepKind } from './score/detector.js';

/** A span of time in which a series was in alarm. */
export interface Alarm {
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 if it was above what was expected when its score was highest, −1 below. */
  readonly side: number;
  readonly peakScore: number;
  /** Its kind when it began; a jump to a value that stays becomes `value`. */
  readonly kind: StepKind;
  /**
   * Whether it was suppressed, because it usually comes at this time of the day, the week or the month, or because a person
   * said that it is no anomaly.
   */
  readonly suppressed: boolean;
}

/** One a day for three weeks; also how far back `similar` of explain looks. */
const MAX_ALARMS = 32;
const DAY_MS = 86_400_000;
/** Usual: at this time of the day, within `MIN_SLACK_MS`, on this many of the last seven days. */
const DAYS_LOOKED_AT = 7;
const USUAL_DAYS = 3;
/** Or at this time of the week in this many of the last four weeks. */
const WEEKS_LOOKED_AT = 4;
const USUAL_WEEKS = 3;
/**
 * Or at this time of a day of the month, counted from its first or its last day, in this many of the last three months.
 */
const MONTHS_LOOKED_AT = 3;
const USUAL_MONTHS = 2;
/**
 * Or, once a day, where it came on so many of the last seven days as what is due has, at times no further apart than this: a job that
 * starts when the one before it is done.
 */
const MAX_WANDERING_MS = 2 * 3_600_000;
/** Due: on this many of seven days, the same weekday among them, or in this many weeks in a row. Where it does not come, it is missing. */
const DUE_DAYS = 5;
const DUE_WEEKS = 3;
/** Shorter alarms are never due: they may be chance. */
const MIN_DUE_STEPS = 3;
const WEEK_DAYS = 7;
const WEEK_MS = WEEK_DAYS * DAY_MS;
const MIN_SLACK_MS = 15 * 60_000;
/** An alarm is usual only up to this multiple of the scores before. */
const MAX_WORSE = 1.5;
/** One that began as usual is so up to this factor more, so that it does not go to and fro at the edge. */
const STILL_USUAL = 1.3;
/** The score of an alarm that is usual at its time. */
const SUPPRESSED_SCORE = 0.99;

const NONE_ACCEPTED: readonly AcceptedAlarm[] = [];
/** Shared: most series have had no alarm. */
const NONE: readonly Alarm[] = [];

/** The last alarms of a series, in order of time. */
export class Alarms {
  #list: readonly Alarm[] = NONE;

  get list(): readonly Alarm[] {
    return this.#list;
  }

  set list(alarms: readonly Alarm[]) {
    this.#list = alarms.slice(-MAX_ALARMS);
  }

  /**
   * Takes in the score of a step and returns the score to publish: the same, or less than 1 where the alarm is usual at
   * this time, by the clock of the zone, as that of a nightly backup is, or is like one of `accepted`. A forced alarm is
   * never usual.
   */
  judge(
    score: number,
    step: {
      side: number;
      kind: StepKind;
      stepEndMs: number;
      stepMs: number;
      isForced?: boolean;
      accepted?: readonly AcceptedAlarm[];
    },
    zone: TimeZone = UTC,
  ): number {
    const { side, kind, stepEndMs, stepMs, isForced = false, accepted = NONE_ACCEPTED } = step;
    if (!(score > 1)) return score;
    // Not remembered: it would last for as long as the series is on the other side.
    if (!isForced && kind !== 'missing' && this.#isEndOfUsual(score, side, stepEndMs, stepMs)) return SUPPRESSED_SCORE;
    const last = this.#list.at(-1);
    const goesOn = last !== undefined && stepEndMs - stepMs - last.toMs <= alarmGapMs(stepMs);
    // What has become worse than what was accepted stays an alarm to its end.
    const isLikeAccepted =
      accepted.length > 0 &&
      !(goesOn && !last.suppressed) &&
      isAccepted(accepted, { side, score, lastedMs: stepEndMs - (goesOn ? last.fromMs : stepEndMs - stepMs), stepMs });
    const least = goesOn && last.suppressed ? score / STILL_USUAL : score;
    const suppressed =
      !isForced && (isLikeAccepted || this.#isUsual(least, { side, kind }, { stepEndMs, stepMs, zone }));
    if (goesOn && last.suppressed === suppressed) {
      const isPeak = score > last.peakScore;
      const longer = {
        ...last,
        toMs: stepEndMs,
        side: isPeak ? side : last.side,
        peakScore: isPeak ? score : last.peakScore,
        kind: isForced || (last.kind === 'jump' && kind === 'value') ? kind : last.kind,
      };
      this.#list = this.#list.with(-1, longer);
    } else {
      this.list = [
        ...this.#list,
        { fromMs: stepEndMs - stepMs, toMs: stepEndMs, side, peakScore: score, kind, suppressed },
      ];
    }
    return suppressed ? SUPPRESSED_SCORE : score;
  }

  /** The alarm that includes the step that ended then; undefined where there is none, or where it is suppressed. */
  at(stepEndMs: number): Alarm | undefined {
    const last = this.#list.at(-1);
    return last?.toMs === stepEndMs && !last.suppressed ? last : undefined;
  }

  #isUsual(
    score: number,
    like: Pick<Alarm, 'side' | 'kind'>,
    { stepEndMs, stepMs, zone }: { stepEndMs: number; stepMs: number; zone: TimeZone },
  ): boolean {
    // Fast path: most alarms are the only ones of their month.
    if (this.#list.length < USUAL_MONTHS) return false;
    const worst = score / MAX_WORSE;
    const alarmAt = (timeMs: number) => this.#alarmAt(timeMs, like, worst, stepMs);
    const times = (periodDays: number, periods: number) => {
      const found = new Set<Alarm | undefined>();
      for (let i = 1; i <= periods; i++) found.add(alarmAt(zone.daysBefore(stepEndMs, i * periodDays)));
      return sizeOf(found);
    };
    return (
      times(1, DAYS_LOOKED_AT) >= USUAL_DAYS ||
      times(WEEK_DAYS, WEEKS_LOOKED_AT) >= USUAL_WEEKS ||
      this.#isUsualOfMonth(stepEndMs, alarmAt, zone) ||
      this.#isWandering(like, worst, { stepEndMs, stepMs, zone })
    );
  }

  /** Whether it comes once a day at a time that wanders, and has not come on this day. */
  #isWandering(
    like: Pick<Alarm, 'side' | 'kind'>,
    worst: number,
    { stepEndMs, stepMs, zone }: { stepEndMs: number; stepMs: number; zone: TimeZone },
  ): boolean {
    const gapMs = alarmGapMs(stepMs);
    const alike = this.#list.filter((before) => isLike(before, like) && before.peakScore >= worst);
    const isOver = ({ toMs }: Alarm) => stepEndMs - stepMs - toMs > gapMs;
    if (alike.some((before) => isOver(before) && before.toMs > stepEndMs - DAY_MS / 2)) return false;
    const found = new Map<Alarm, number>();
    for (let daysAgo = 1; daysAgo <= DAYS_LOOKED_AT; daysAgo++) {
      const timeMs = zone.daysBefore(stepEndMs, daysAgo);
      const offsetOf = ({ fromMs, toMs }: Alarm) => (fromMs > timeMs ? fromMs - timeMs : Math.min(0, toMs - timeMs));
      const then = alike.findLast((before) => isOver(before) && Math.abs(offsetOf(before)) <= MAX_WANDERING_MS);
      if (then !== undefined) found.set(then, offsetOf(then));
    }
    if (found.size < DUE_DAYS) return false;
    const earliestMs = Math.min(...found.values());
    const latestMs = Math.max(...found.values());
    const spreadMs = latestMs - earliestMs;
    // With a handful of days known it may well be a little earlier or later than on any of them.
    return spreadMs <= MAX_WANDERING_MS && earliestMs <= spreadMs && latestMs >= -spreadMs;
  }

  #isUsualOfMonth(stepEndMs: number, alarmAt: (timeMs: number) => Alarm | undefined, zone: TimeZone): boolean {
    const localMs = zone.toLocal(stepEndMs);
    const times = (daysBack: (localMs: number, months: number) => number) => {
      const found = new Set<Alarm | undefined>();
      for (let months = 1; months <= MONTHS_LOOKED_AT; months++) {
        const days = daysBack(localMs, months);
        if (!Number.isNaN(days)) found.add(alarmAt(zone.daysBefore(stepEndMs, days)));
      }
      return sizeOf(found);
    };
    return times(daysToMonth) >= USUAL_MONTHS || times(daysToMonthEnd) >= USUAL_MONTHS;
  }

  /** Whether it is the end of something usual: a jump the other way. */
  #isEndOfUsual(score: number, side: number, stepEndMs: number, stepMs: number): boolean {
    return this.#list.some(
      (before) =>
        before.suppressed &&
        before.side === -side &&
        before.peakScore >= score &&
        stepEndMs - before.toMs <= alarmGapMs(stepMs),
    );
  }

  /** The newest alarm then that is like this one, and was at least as high. */
  #alarmAt(timeMs: number, like: Pick<Alarm, 'side' | 'kind'>, peakScore: number, stepMs: number): Alarm | undefined {
    const slackMs = dueSlackMs(stepMs);
    return this.#list.findLast(
      (before) =>
        isLike(before, like) &&
        before.peakScore >= peakScore &&
        timeMs > before.fromMs - slackMs &&
        timeMs <= before.toMs + slackMs,
    );
  }

  /**
   * What came a week ago and is due at this time, daily or weekly, without an alarm of it: from the end of its tolerance until it would
   * be over. Undefined where there is no such thing.
   */
  dueAt(stepEndMs: number, stepMs: number, zone: TimeZone = UTC): Alarm | undefined {
    // Every step of every series comes here: with a closure in place of the loop a step takes twice as long in some runs (bench score).
    for (const before of this.#list) {
      // A value beyond a limit is never due, nor is that something does not come.
      if (before.kind === 'limit' || before.kind === 'missing') continue;
      if (stepEndMs - before.fromMs < WEEK_MS - DAY_MS || before.toMs - before.fromMs < MIN_DUE_STEPS * stepMs)
        continue;
      const slackMs = dueSlackMs(stepMs);
      const dueMs = zone.daysBefore(before.fromMs, -WEEK_DAYS);
      const lateMs = stepEndMs - dueMs;
      if (lateMs <= slackMs || lateMs > before.toMs - before.fromMs + slackMs) continue;
      if (this.#isDue(before, dueMs, stepMs, zone) && !this.#hasCome(before, dueMs - slackMs)) return before;
    }
    return undefined;
  }

  #isDue(before: Alarm, dueMs: number, stepMs: number, zone: TimeZone): boolean {
    const { fromMs, toMs } = before;
    const middleMs = dueMs + (toMs - fromMs) / 2;
    const at = (daysAgo: number) => this.#alarmAt(zone.daysBefore(middleMs, daysAgo), before, 0, stepMs);
    const days = new Set<Alarm | undefined>([before]);
    for (let daysAgo = 1; daysAgo < DAYS_LOOKED_AT; daysAgo++) days.add(at(daysAgo));
    const weeks = new Set([before, at(2 * WEEK_DAYS), at(3 * WEEK_DAYS)]);
    return sizeOf(days) >= DUE_DAYS || sizeOf(weeks) === DUE_WEEKS;
  }

  #hasCome(due: Alarm, sinceMs: number): boolean {
    return this.#list.some(
      (other) => isLike(other, due) && other.toMs > sinceMs && other.fromMs >= sinceMs - DAY_MS / 2,
    );
  }
}

/** By how much the time may differ at which something comes again. */
export function dueSlackMs(stepMs: number): number {
  return Math.max(MIN_SLACK_MS, 2 * stepMs);
}

/**
 * Whether two alarms may be of the same thing. Where something is missing, the value is a usual one, on either side of what is
 * expected: only that it was missing before is like that.
 */
function isLike(one: Pick<Alarm, 'side' | 'kind'>, other: Pick<Alarm, 'side' | 'kind'>): boolean {
  const isMissing = one.kind === 'missing';
  return isMissing === (other.kind === 'missing') && (isMissing || one.side === other.side);
}

/** How many alarms there are: one that lasted for days did not come on each of them. */
function sizeOf(alarms: Set<Alarm | undefined>): number {
  alarms.delete(undefined);
  return alarms.size;
}
