import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { FitError } from '../../forecast/fit-error.js';
import type { FitOutcome, FitPool } from '../../forecast/pool/fit-pool.js';
import { gaugeFunc } from '../../lib/metrics/metrics.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { SeriesStore } from '../../series/series-store.js';
import { Exclusions } from '../exclusions/exclusions.js';
import { fitOptions } from '../limits/fit-options.js';
import { acceptFit, countFitFailure, type NewFit, requestRefit } from '../series/fit-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { DueQueue } from './due-queue.js';
import { fitView } from './fit-view.js';
import { GROWTH, JITTER, MIN_POINTS, wantsFit } from './refit-policy.js';

/** A refit that is overdue for longer is logged as late. */
const LATE_MS = 5 * 60_000;
/** A series whose fits keep failing is retried after refit_interval × 2^failures, but after this long at most. */
const MAX_QUARANTINE_MS = 24 * 3_600_000;

/**
 * Decides which series is fitted when: as soon as it has enough points, again whenever a young history has grown by a
 * quarter, then every refit_interval. The most overdue goes first; one fit per series is in flight at a time, and no
 * more than the pool keeps busy with: under overload refits stretch and `sentio_refit_lag_seconds` says by how much.
 */
export class FitScheduler {
  readonly #store: SeriesStore;
  readonly #exclusions: Exclusions;
  readonly #pool: Pick<FitPool, 'fit'>;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #due = new DueQueue();
  readonly #series: (TrackedSeries | undefined)[] = [];
  readonly #concurrency: number;
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #armedForMs = Number.POSITIVE_INFINITY;
  #stopped = false;
  #isLate = false;
  #warnedAtMs = Number.NEGATIVE_INFINITY;

  /** `concurrency`: fits handed to the pool at one time, enough to keep its threads busy. */
  constructor(options: {
    store: SeriesStore;
    exclusions?: Exclusions;
    pool: Pick<FitPool, 'fit'>;
    concurrency: number;
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    this.#concurrency = options.concurrency;
    this.#exclusions = options.exclusions ?? new Exclusions(options.store);
    this.#store = options.store;
    this.#pool = options.pool;
    this.#log = options.log;
    this.#now = options.now;
    const lagSeconds = () => Math.max(0, this.#now() - this.#due.nextDueMs) / 1000;
    gaugeFunc(
      options.registry,
      'sentio_refit_lag_seconds',
      'Time for which the most overdue refit has been due.',
      lagSeconds,
    );
  }

  /**
   * Adds a series. Its first fit comes as soon as it has enough points, but not within `waitMs`; if it has a model already, the
   * refit is due by the age of that model.
   */
  add(series: TrackedSeries, waitMs = 0): void {
    this.#series[series.id] = series;
    this.due(series, series.model === undefined ? this.#now() + waitMs : this.#firstDueMs(series));
  }

  remove(id: number): void {
    this.#series[id] = undefined;
    this.#due.delete(id);
  }

  /** Has the series checked at `atMs`, and fitted if it is ready. */
  due(series: TrackedSeries, atMs: number): void {
    this.#due.set(series.id, atMs);
    this.#wake();
  }

  /** Has a series fitted again as soon as there is a thread for it. */
  refit(series: TrackedSeries): void {
    requestRefit(series);
    this.due(series, this.#now());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #wake(): void {
    if (this.#stopped || this.#inFlight >= this.#concurrency || this.#due.nextDueMs >= this.#armedForMs) return;
    clearTimeout(this.#timer);
    this.#armedForMs = this.#due.nextDueMs;
    // At least one pass a minute, so that a clock that is set back does not leave the queue asleep.
    const waitMs = Math.min(Math.max(this.#due.nextDueMs - this.#now(), 0), 60_000);
    this.#timer = setTimeout(() => this.#pass(), waitMs);
  }

  #pass(): void {
    this.#armedForMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#now();
    this.#watchLag(nowMs - this.#due.nextDueMs);
    while (this.#inFlight < this.#concurrency) {
      const id = this.#due.shiftDue(nowMs);
      if (id === undefined) break;
      const series = this.#series[id]!;
      const waitMs = this.#untilReady(series);
      if (waitMs > 0) this.#due.set(id, nowMs + waitMs);
      else void this.#fit(series);
    }
    this.#wake();
  }

  #firstDueMs({ id, fit, fittedWith, fittedSpanMs }: TrackedSeries): number {
    const nowMs = this.#now();
    const { refitIntervalMs } = this.#store.settings(id);
    if (fit === undefined || fittedWith === undefined || isYoung(fittedSpanMs, refitIntervalMs)) return nowMs;
    const dueMs = fit.fittedAtMs + this.#nextInterval(refitIntervalMs, id);
    // After a restart all series may be overdue at once: they are spread over an interval.
    return dueMs > nowMs ? dueMs : nowMs + refitIntervalMs * share(id);
  }

  /** 0 if the series is ready for a fit, else for how long it need not be checked. */
  #untilReady(series: TrackedSeries): number {
    return wantsFit(this.#store, series) ? 0 : this.#checkAgainMs(series.id);
  }

  #checkAgainMs(id: number): number {
    const { stepMs, refitIntervalMs } = this.#store.settings(id);
    return Math.max(1000, Math.min(stepMs, refitIntervalMs));
  }

  async #fit(series: TrackedSeries): Promise<void> {
    const { id } = series;
    const { prophet, refitIntervalMs } = this.#store.settings(id);
    const newestMs = this.#store.newestSampleMs(id);
    const spanMs = newestMs - this.#store.firstSampleMs(id);
    this.#inFlight++;
    try {
      const view = fitView(this.#store, series, this.#exclusions);
      const outcome = await this.#pool.fit({ view, prophet: fitOptions(this.#store, id) });
      if (this.#series[id] === series) {
        // The history changed its base, or the series its level, while the fit read it: it is fitted once more.
        if (!this.#store.isCurrent(id, view) || series.levelShifts !== view.levelShifts)
          return this.due(series, this.#now());
        this.#accept(series, outcome, { fittedUntilMs: newestMs, fittedSpanMs: spanMs, fittedWith: prophet });
        // A history that is young, or still streaming in, may grow a lot at any moment.
        const isGrowing = isYoung(spanMs, refitIntervalMs) || newestMs < this.#now() - refitIntervalMs;
        this.due(series, this.#now() + (isGrowing ? this.#checkAgainMs(id) : this.#nextInterval(refitIntervalMs, id)));
      }
    } catch (error) {
      // After a stop the fits in flight failed on purpose.
      if (!this.#stopped && this.#series[id] === series) this.#reject(series, error, refitIntervalMs);
    } finally {
      this.#inFlight--;
      this.#wake();
    }
  }

  #accept(
    series: TrackedSeries,
    outcome: FitOutcome,
    fitted: Pick<NewFit, 'fittedUntilMs' | 'fittedSpanMs' | 'fittedWith'>,
  ): void {
    const { stepMs, resolutionMs } = this.#store.settings(series.id);
    const fit = {
      optimizer: outcome.optimizer,
      points: outcome.points,
      resolutionMs: outcome.source === 'history' ? resolutionMs : stepMs,
      fittedAtMs: this.#now(),
    };
    acceptFit(series, { model: outcome.model, fit, ...fitted });
    if (this.#log.isLevelEnabled('debug')) {
      const { optimizer, points, source, durationMs, warnings } = outcome;
      this.#log.debug(
        { series: formatLabels(this.#store.labels(series.id)), optimizer, points, source, durationMs, warnings },
        'fitted',
      );
    }
  }

  #reject(series: TrackedSeries, error: unknown, refitIntervalMs: number): void {
    const reason = error instanceof FitError ? error.reason : 'internal';
    countFitFailure(series, error instanceof Error ? error.message : String(error));
    const nowMs = this.#now();
    this.due(series, nowMs + this.#retryAfterMs(series, reason, refitIntervalMs));
    if (reason !== 'too-short' && nowMs - this.#warnedAtMs >= 60_000) {
      this.#warnedAtMs = nowMs;
      this.#log.warn(
        { series: formatLabels(this.#store.labels(series.id)), reason, failures: series.fitFailures, err: error },
        'fit failed',
      );
    }
  }

  #retryAfterMs({ id, fitFailures }: TrackedSeries, reason: string, refitIntervalMs: number): number {
    // More samples are on their way.
    if (reason === 'too-short') return this.#store.settings(id).stepMs * MIN_POINTS;
    return Math.min(refitIntervalMs * 2 ** (fitFailures - 1), MAX_QUARANTINE_MS);
  }

  /** Logs once that the fits do not keep up, and once that they do again. */
  #watchLag(lagMs: number): void {
    if (!this.#isLate && lagMs > LATE_MS) {
      this.#isLate = true;
      this.#log.warn({ lagSeconds: lagMs / 1000 }, 'fits do not keep up: refits are later than refit_interval');
    } else if (this.#isLate && lagMs < LATE_MS / 2) {
      this.#isLate = false;
      this.#log.info('fits keep up again');
    }
  }

  /** The refit interval ± `JITTER`, so that series that came together drift apart. */
  #nextInterval(refitIntervalMs: number, id: number): number {
    return refitIntervalMs * (1 - JITTER + 2 * JITTER * share(id));
  }
}

/** Whether a history will have grown by a quarter before the next refit. */
function isYoung(spanMs: number, refitIntervalMs: number): boolean {
  return spanMs * (GROWTH - 1) < refitIntervalMs;
}

/** A number in [0, 1) by which series that came together drift apart (Knuth's multiplicative hash). */
function share(id: number): number {
  return ((id * 2654435761) >>> 0) / 2 ** 32;
}
