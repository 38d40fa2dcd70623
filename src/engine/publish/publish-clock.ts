import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics.js';
import { ThrottledLog } from '../../lib/throttled-log.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { nextRound, type PublishSchedule } from './publish-schedule.js';

/** How long a round may hold the event loop before it lets requests in. */
const SLICE_MS = 10;
const WARN_INTERVAL_MS = 60_000;

interface Group {
  readonly schedule: PublishSchedule;
  readonly members: Set<TrackedSeries>;
  lastRound: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Runs the publishing rounds: series of one schedule go together, in slices that leave the event loop free in between.
 * A round that takes longer than its interval is followed by the next one that is still to come; the ones it ran over, or
 * that the clock was set over, are counted as skipped. After the clock was set back the next round is that after the last,
 * when its time comes again: until then all has been published. A series that throws loses its own evaluation: the others go
 * on, and the next round always comes, as in a rule group of Prometheus.
 */
export class PublishClock {
  readonly #publish: (series: TrackedSeries, evaluationMs: number, schedule: PublishSchedule) => void;
  readonly #endRound: () => void;
  readonly #describe: (series: TrackedSeries) => string;
  readonly #log: Logger;
  readonly #failureLog: ThrottledLog;
  readonly #now: () => number;
  readonly #groups = new Map<string, Group>();
  readonly #skipped: Counter;
  readonly #failures: Counter;
  #stopped = false;
  #isSetBack = false;

  constructor(options: {
    publish: (series: TrackedSeries, evaluationMs: number, schedule: PublishSchedule) => void;
    endRound: () => void;
    /** The labels of a series, for the log. */
    describe: (series: TrackedSeries) => string;
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    this.#publish = options.publish;
    this.#endRound = options.endRound;
    this.#describe = options.describe;
    this.#log = options.log;
    this.#failureLog = new ThrottledLog(options.log, WARN_INTERVAL_MS, options.now);
    this.#now = options.now;
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

  add(series: TrackedSeries, schedule: PublishSchedule): void {
    const key = `${schedule.intervalMs}/${schedule.delayMs}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { schedule, members: new Set(), lastRound: Number.NEGATIVE_INFINITY, timer: undefined };
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
    const round = nextRound(group.schedule, nowMs, group.lastRound);
    const dueMs = round * intervalMs + delayMs;
    if (dueMs - nowMs > 2 * intervalMs) this.#noteSetBack(dueMs - nowMs);
    group.timer = setTimeout(
      () => {
        if (this.#now() < dueMs) return this.#arm(group);
        this.#round(group, round)
          .catch((err) => this.#log.error({ err }, 'publishing round failed'))
          .finally(() => {
            if (!this.#stopped && group.members.size > 0) this.#arm(group);
          });
      },
      // Never asleep for longer than a round: the clock may be set.
      Math.min(dueMs - nowMs, intervalMs),
    );
  }

  /** Says it once. */
  #noteSetBack(waitMs: number): void {
    if (this.#isSetBack) return;
    this.#isSetBack = true;
    this.#log.warn({ seconds: Math.ceil(waitMs / 1000) }, 'the clock was set back: publishing waits for it');
  }

  async #round(group: Group, round: number): Promise<void> {
    if (round > group.lastRound + 1 && group.lastRound !== Number.NEGATIVE_INFINITY) {
      this.#skipped.inc(round - group.lastRound - 1);
    }
    group.lastRound = round;
    const evaluationMs = Math.round(round * group.schedule.intervalMs);
    let sliceEndMs = performance.now() + SLICE_MS;
    for (const series of group.members) {
      this.#evaluate(series, evaluationMs, group.schedule);
      if (performance.now() < sliceEndMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#stopped) return;
      sliceEndMs = performance.now() + SLICE_MS;
    }
    this.#endRound();
    this.#isSetBack = false;
  }

  #evaluate(series: TrackedSeries, evaluationMs: number, schedule: PublishSchedule): void {
    try {
      this.#publish(series, evaluationMs, schedule);
    } catch (err) {
      this.#failures.inc();
      this.#failureLog.warn({ series: this.#describe(series), err }, 'evaluation of a series failed');
    }
  }
}
