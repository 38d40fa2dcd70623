import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { TimeGrid } from '../../forecast/design/time-grid.js';
import { counter, gaugeFunc } from '../../lib/metrics/metrics.js';
import { TimeSlice } from '../../lib/time-slice.js';
import type { Label } from '../../model/labels/labels.js';
import { LOOKBACK_MS } from '../../model/samples/staleness.js';
import { FORECAST_LABEL, FORECAST_VALUE } from '../../model/settings/synthetic.js';
import type { SeriesStore } from '../../series/series-store.js';
import { forecastOn } from '../expectation/expectation.js';
import type { FormerCurves } from '../series/former-curves.js';
import { noteFuturePublished } from '../series/publish-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import type { FutureWriter } from './forecast-writer.js';
import { forecastSeries } from './published-series.js';

/** The label of the curve, as remote_read has it. */
const FORECAST: Label = { name: FORECAST_LABEL, value: FORECAST_VALUE };
/** A curve has this many points at least, if its series has as many steps ahead. */
const MIN_POINTS = 60;
/** A series that lacks more points than this waits for its turn, so that many of them do not hold up an evaluation. */
const POINTS_AT_ONCE = 4;
/** Between two looks at queues that are full. */
const FULL_WAIT_MS = 100;
/** Grids kept for series of one rule. */
const MAX_GRIDS = 16;

/** What is known of processes before this one; `FutureMark` of engine/snapshot/ keeps it on disk. */
interface WrittenBefore {
  /** A process before this one may have written a series up to here, further than its snapshot says; 0 if none has. */
  unknownUntilMs(futureMs: number): number;
  /** Whether instants up to `untilMs` may be written now: the next process will know of them. */
  reserves(untilMs: number): boolean;
}

/** The points of a curve that are to be written: whole multiples of `spacingMs`, after `afterMs`, up to `untilMs`. */
interface Stretch {
  readonly afterMs: number;
  readonly untilMs: number;
  readonly spacingMs: number;
}

/**
 * Writes curves of the future to targets that keep samples ahead of their clock: the forecast series that remote_read serves,
 * up to the target's `future` and the horizon. Each instant of a series is written once, because a store keeps a mixture of
 * values that are written at different times: the whole curve when the model has seen as much of the past as the
 * curve is long, and from then on what time brings into view, each by the model of that time.
 */
export class FutureCurves {
  readonly #store: SeriesStore;
  readonly #writer: FutureWriter;
  readonly #mark: WrittenBefore;
  readonly #ownershipGraceMs: number;
  readonly #isTracked: (series: TrackedSeries) => boolean;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #waiting = new Set<TrackedSeries>();
  readonly #former: FormerCurves;
  readonly #grids = new Map<string, TimeGrid>();
  readonly #samples: Counter;
  readonly #stop = new AbortController();
  #working = false;

  /** `ownershipGraceMs`: see `noteOwnership`; 0 where no other Sentio writes. */
  constructor(options: {
    store: SeriesStore;
    writer: FutureWriter;
    mark: WrittenBefore;
    former: FormerCurves;
    ownershipGraceMs: number;
    isTracked: (series: TrackedSeries) => boolean;
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    this.#store = options.store;
    this.#writer = options.writer;
    this.#mark = options.mark;
    this.#former = options.former;
    this.#ownershipGraceMs = options.ownershipGraceMs;
    this.#isTracked = options.isTracked;
    this.#log = options.log;
    this.#now = options.now;
    this.#samples = counter(
      options.registry,
      'sentio_future_samples_total',
      'Samples of curves of the future that were given to the targets that take them.',
    );
    gaugeFunc(
      options.registry,
      'sentio_future_waiting_series',
      'Series whose curve of the future waits to be written, because the queues are full or others come first.',
      () => this.#waiting.size,
    );
  }

  /** Writes what time has brought into view of a series, or has it wait for its turn. To be called after each of its evaluations. */
  advance(series: TrackedSeries): void {
    const stretch = this.#stretchOf(series);
    if (stretch === undefined) return;
    if (pointsOf(stretch) <= POINTS_AT_ONCE) {
      this.#write(series, stretch);
      return;
    }
    this.#waiting.add(series);
    if (this.#working) return;
    this.#working = true;
    this.#work()
      .catch((err) => this.#log.error({ err }, 'writing curves of the future failed'))
      .finally(() => {
        this.#working = false;
      });
  }

  /** Adds a series, which may have been here before. */
  add(series: TrackedSeries): void {
    for (const [quantity, untilMs] of Object.entries(this.#former.of(this.#blockOf(series)))) {
      const knownMs = series.futureUntilMs[quantity] ?? 0;
      noteFuturePublished(series, quantity, Math.max(knownMs, untilMs));
    }
  }

  /** Forgets a series, which the store must still know. */
  remove(series: TrackedSeries): void {
    this.#waiting.delete(series);
    const block = this.#blockOf(series);
    if (Object.keys(series.futureUntilMs).length > 0) this.#former.add(block, series.futureUntilMs);
    else this.#former.forget(block);
  }

  /** Writes no more. */
  stop(): void {
    this.#stop.abort();
    this.#waiting.clear();
  }

  #blockOf({ id }: TrackedSeries): Uint8Array {
    return this.#store.blockView(id);
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    const slice = new TimeSlice();
    for (const series of this.#waiting) {
      while (!signal.aborted && this.#writer.futureMs > 0 && this.#writer.futureRoom === 0) {
        await sleep(FULL_WAIT_MS, undefined, { signal, ref: false }).catch(() => {});
      }
      if (slice.isOver) await slice.pause();
      if (signal.aborted) return;
      this.#waiting.delete(series);
      const stretch = this.#isTracked(series) ? this.#stretchOf(series) : undefined;
      if (stretch !== undefined) this.#write(series, stretch);
    }
  }

  /** What is to be written of a series now; undefined where nothing is. */
  #stretchOf(series: TrackedSeries): Stretch | undefined {
    const { futureMs } = this.#writer;
    const { published, model, fittedSpanMs, scoredUntilMs } = series;
    if (futureMs === 0 || published === undefined || model === undefined || !Number.isFinite(scoredUntilMs)) return;
    const { stepMs, horizonMs } = this.#store.settings(series.id);
    const aheadMs = Math.min(futureMs, horizonMs);
    const spacingMs = spacingOf(stepMs, aheadMs);
    const nowMs = this.#now();
    const untilMs = Math.floor((nowMs + aheadMs) / spacingMs) * spacingMs;
    const beforeMs = series.futureUntilMs[published.quantity];
    if (beforeMs === undefined) {
      if (fittedSpanMs < aheadMs) return;
      // Another Sentio may have written the series up to here.
      if (this.#ownershipGraceMs > 0) {
        noteFuturePublished(series, published.quantity, untilMs);
        return;
      }
    }
    const unknownMs = this.#mark.unknownUntilMs(aheadMs);
    const afterMs = Math.max(beforeMs ?? this.#former.forgottenUntilMs, unknownMs, nowMs);
    const stretch = { afterMs, untilMs, spacingMs };
    return pointsOf(stretch) > 0 && this.#mark.reserves(untilMs) ? stretch : undefined;
  }

  #write(series: TrackedSeries, stretch: Stretch): void {
    const { quantity } = series.published!;
    noteFuturePublished(series, quantity, stretch.untilMs);
    const { timesMs, yhat, yhatLower, yhatUpper } = forecastOn(this.#store, series, this.#gridOf(stretch));
    const block = this.#blockOf(series);
    const columns = [yhat, yhatLower, yhatUpper];
    for (const [i, { suffix }] of forecastSeries(quantity, undefined).entries()) {
      const column = columns[i]!;
      for (let j = 0; j < timesMs.length; j++) {
        if (this.#writer.appendFuture(block, suffix, FORECAST, timesMs[j]!, column[j]!)) this.#samples.inc();
      }
    }
  }

  /** Series of one rule share their times. */
  #gridOf(stretch: Stretch): TimeGrid {
    const { untilMs, spacingMs } = stretch;
    const points = pointsOf(stretch);
    const key = `${untilMs}/${spacingMs}/${points}`;
    let grid = this.#grids.get(key);
    if (grid === undefined) {
      if (this.#grids.size >= MAX_GRIDS) this.#grids.delete(this.#grids.keys().next().value!);
      const timesMs = Float64Array.from({ length: points }, (_, i) =>
        Math.round(untilMs - (points - 1 - i) * spacingMs),
      );
      grid = new TimeGrid(timesMs);
      this.#grids.set(key, grid);
    }
    return grid;
  }
}

/** Whole steps, or an equal part of one: no further apart than PromQL looks back, and close enough for a curve. */
function spacingOf(stepMs: number, aheadMs: number): number {
  const steps = Math.floor(Math.min(LOOKBACK_MS, aheadMs / MIN_POINTS) / stepMs);
  return steps >= 1 ? steps * stepMs : stepMs / Math.ceil(stepMs / LOOKBACK_MS);
}

function pointsOf({ afterMs, untilMs, spacingMs }: Stretch): number {
  return Math.max(0, Math.ceil((untilMs - afterMs) / spacingMs));
}
