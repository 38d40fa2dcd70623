import type { Logger } from 'pino';
import type { Counter, Histogram, Registry } from 'prom-client';
import { counter, histogram } from '../../lib/metrics/metrics.js';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { TimeSlice } from '../../lib/time-slice.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type EvaluationSchedule, MAX_AHEAD_MS, nextEvaluation } from './evaluation-schedule.js';

const WARN_INTERVAL_MS = 60_000;
const LAG_BUCKETS_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 300];

interface Group {
  readonly schedule: EvaluationSchedule;
  readonly members: Set<TrackedSeries>;
  /** Number of the last evaluation, as `nextEvaluation` counts them. */
  lastIndex: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Evaluates series when their evaluation timestamps come: series of one schedule together, with pauses that leave the event
 * loop free. An evaluation that takes longer than its interval is followed by the next that is still to come; those it ran
 * over, or that the clock was set over, are counted as skipped. After the clock was set back the next evaluation is the one
 * after the last, when its time comes again: everything before it has been published. A series that throws loses its own
 * evaluation: the others go on, and the next evaluation always comes, as in a rule group of Prometheus.
 */
export class EvaluationClock {
  readonly #prepare: (series: TrackedSeries) => Iterable<void>;
  readonly #evaluateSeries: (series: TrackedSeries, evaluationMs: number, schedule: EvaluationSchedule) => void;
  readonly #flush: () => void;
  readonly #describe: (series: TrackedSeries) => string;
  readonly #log: Logger;
  readonly #failureLog: ThrottledLog;
  readonly #now: () => number;
  readonly #groups = new Map<string, Group>();
  readonly #lagSeconds: Histogram;
  readonly #skipped: Counter;
  readonly #failures: Counter;
  #stopped = false;
  #isSetBack = false;

  constructor(options: {
    /** What is to be done of a series before it is evaluated, in pieces; nothing unless given. */
    prepare?: (series: TrackedSeries) => Iterable<void>;
    evaluate: (series: TrackedSeries, evaluationMs: number, schedule: EvaluationSchedule) => void;
    /** Called after all series of a schedule were evaluated. */
    flush: () => void;
    /** The labels of a series, for the log. */
    describe: (series: TrackedSeries) => string;
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    this.#prepare = options.prepare ?? (() => []);
    this.#evaluateSeries = options.evaluate;
    this.#flush = options.flush;
    this.#describe = options.describe;
    this.#log = options.log;
    this.#failureLog = new ThrottledLog(options.log, WARN_INTERVAL_MS, options.now);
    this.#now = options.now;
    this.#lagSeconds = histogram(
      options.registry,
      'sentio_evaluation_lag_seconds',
      'Time from when an evaluation was due until all its series had been evaluated.',
      LAG_BUCKETS_SECONDS,
    );
    this.#skipped = counter(
      options.registry,
      'sentio_evaluations_skipped_total',
      'Evaluations that were skipped because the previous one was still running or the clock was set ahead.',
    );
    this.#failures = counter(
      options.registry,
      'sentio_evaluation_failures_total',
      'Evaluations of single series that failed; the series is evaluated again at the next evaluation timestamp.',
    );
  }

  add(series: TrackedSeries, schedule: EvaluationSchedule): void {
    const key = `${schedule.intervalMs}/${schedule.delayMs}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { schedule, members: new Set(), lastIndex: Number.NEGATIVE_INFINITY, timer: undefined };
      this.#groups.set(key, group);
      this.#arm(group);
    }
    group.members.add(series);
  }

  remove(series: TrackedSeries): void {
    for (const [key, group] of this.#groups) {
      if (group.members.delete(series) && group.members.size === 0) {
        clearTimeout(group.timer);
        this.#groups.delete(key);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const group of this.#groups.values()) clearTimeout(group.timer);
  }

  #arm(group: Group): void {
    const { intervalMs, delayMs } = group.schedule;
    const nowMs = this.#now();
    const index = nextEvaluation(group.schedule, nowMs, group.lastIndex);
    const dueMs = index * intervalMs + delayMs;
    if (dueMs - nowMs > 2 * intervalMs) this.#noteSetBack(dueMs - nowMs);
    group.timer = setTimeout(
      () => {
        const lateMs = this.#now() - dueMs;
        // Past that the clock may have been behind, and set right: there may be an evaluation at this timestamp already.
        if (lateMs < 0 || lateMs > MAX_AHEAD_MS) return this.#arm(group);
        this.#evaluateGroup(group, index, dueMs)
          .catch((err) => this.#log.error({ err }, 'evaluation failed'))
          .finally(() => {
            if (!this.#stopped && group.members.size > 0) this.#arm(group);
          });
      },
      // Never asleep for longer than an interval, because the clock may be set.
      Math.min(dueMs - nowMs, intervalMs),
    );
  }

  /** Logs it once. */
  #noteSetBack(waitMs: number): void {
    if (this.#isSetBack) return;
    this.#isSetBack = true;
    this.#log.warn(
      { seconds: Math.ceil(waitMs / 1000) },
      'the clock was set back: publishing resumes when it has caught up',
    );
  }

  async #evaluateGroup(group: Group, index: number, dueMs: number): Promise<void> {
    if (index > group.lastIndex + 1 && group.lastIndex !== Number.NEGATIVE_INFINITY) {
      this.#skipped.inc(index - group.lastIndex - 1);
    }
    group.lastIndex = index;
    const evaluationMs = Math.round(index * group.schedule.intervalMs);
    const slice = new TimeSlice();
    for (const series of group.members) {
      for (const _ of this.#prepare(series)) if (slice.isOver) await slice.pause();
      // It may have gone in a pause.
      if (!group.members.has(series)) continue;
      if (this.#stopped) return;
      this.#evaluate(series, evaluationMs, group.schedule);
      if (!slice.isOver) continue;
      await slice.pause();
      if (this.#stopped) return;
    }
    this.#flush();
    this.#lagSeconds.observe(Math.max(0, this.#now() - dueMs) / 1000);
    this.#isSetBack = false;
  }

  #evaluate(series: TrackedSeries, evaluationMs: number, schedule: EvaluationSchedule): void {
    try {
      this.#evaluateSeries(series, evaluationMs, schedule);
    } catch (err) {
      this.#failures.inc();
      this.#failureLog.warn({ series: this.#describe(series), err }, 'evaluation of a series failed');
    }
  }
}
