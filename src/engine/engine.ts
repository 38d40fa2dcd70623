import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import type { Components } from '../forecast/evaluate.js';
import type { FitPool } from '../forecast/fit-pool.js';
import type { Labels } from '../model/labels.js';
import type { SeriesSettings } from '../model/settings.js';
import type { RemoteWriter } from '../remote/remote-writer.js';
import type { SeriesStore } from '../series/series-store.js';
import { CurveReader } from './curve-reader.js';
import { FitScheduler } from './fit-scheduler.js';
import { PublishClock } from './publish-clock.js';
import { publishSchedule } from './publish-schedule.js';
import { Publisher } from './publisher.js';
import {
  componentsAt,
  curveOf,
  reportSeries,
  type SeriesCurve,
  type SeriesReport,
  type SeriesStanding,
  standingOf,
} from './series-report.js';
import { WatchedSeries } from './watched-series.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Watches every series of the store: has it fitted, scored and published, each at its time. */
export class Engine {
  readonly #store: SeriesStore;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #scheduler: FitScheduler;
  readonly #publisher: Publisher;
  readonly #clock: PublishClock;
  /** The curves that remote-read asks for. */
  readonly curves: CurveReader;
  readonly #watched: (WatchedSeries | undefined)[] = [];
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: {
    store: SeriesStore;
    pool: Pick<FitPool, 'fit'>;
    fitConcurrency: number;
    externalLabels: readonly string[];
    writer: Pick<RemoteWriter, 'append' | 'appendStale' | 'flush'>;
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    const { store, pool, writer, log, now, registry } = options;
    this.#store = store;
    this.#log = log;
    this.#now = now;
    this.#scheduler = new FitScheduler({ store, pool, concurrency: options.fitConcurrency, log, now, registry });
    this.#publisher = new Publisher({ store, writer });
    this.#clock = new PublishClock({
      publish: (series, boundaryMs, schedule) => this.#publisher.publish(series, boundaryMs, schedule),
      endRound: () => writer.flush(),
      log,
      now,
      registry,
    });
    this.curves = new CurveReader({ store, externalLabels: options.externalLabels, now });
    const watched = this.#watched;
    new Gauge({
      name: 'sentio_series_with_forecast',
      help: 'Tracked series that have a fitted model.',
      registers: [registry],
      collect() {
        this.set(watched.reduce((count, series) => count + (series?.model === undefined ? 0 : 1), 0));
      },
    });
  }

  /** Takes in the series the store has already, and from now on every one that comes and goes. */
  start(): void {
    this.#store.listener = {
      seriesAdded: (id) => this.#watch(id),
      seriesRemoved: (id) => this.#forget(id),
      seriesReset: (id) => {
        const before = this.#watched[id];
        this.#forget(id);
        this.#watch(id, before);
      },
    };
    for (const id of this.#store.ids()) this.#watch(id);
    this.#sweep = setInterval(() => {
      const removed = this.#store.sweepIdle(this.#now());
      if (removed > 0) this.#log.info({ removed, series: this.#store.size }, 'forgot idle series');
    }, SWEEP_INTERVAL_MS);
  }

  /** Stops fitting and publishing; what was published goes out when the writer is closed. */
  stop(): void {
    clearInterval(this.#sweep);
    this.#clock.stop();
    this.#scheduler.stop();
  }

  /** After a reload: publishes every series on its present schedule, and refits those whose model was made otherwise. */
  settingsChanged(): void {
    for (const series of this.series()) {
      const settings = this.#store.settings(series.id);
      this.#clock.remove(series);
      this.#clock.add(series, publishSchedule(settings));
      if (!isDeepStrictEqual(settings.horizons, series.published?.horizons)) this.#publisher.end(series, this.#now());
      if (!isDeepStrictEqual(settings.prophet, series.fittedWith)) this.#scheduler.refit(series);
    }
  }

  /** Every series that is watched, in no order. */
  *series(): Iterable<WatchedSeries> {
    for (const series of this.#watched) if (series !== undefined) yield series;
  }

  labels(series: WatchedSeries): Labels {
    return this.#store.labels(series.id);
  }

  settings(series: WatchedSeries): SeriesSettings {
    return this.#store.settings(series.id);
  }

  standing(series: WatchedSeries): SeriesStanding {
    return standingOf(this.#store, series, this.#now());
  }

  report(series: WatchedSeries): SeriesReport {
    return reportSeries(this.#store, series, this.#now());
  }

  curve(series: WatchedSeries, range: { startMs: number; endMs: number; stepMs: number }): SeriesCurve {
    return curveOf(this.#store, series, range, this.#now());
  }

  components(series: WatchedSeries, timesMs: Float64Array): Components | undefined {
    return componentsAt(series, timesMs);
  }

  #watch(id: number, before?: WatchedSeries): void {
    const series = new WatchedSeries(id, before);
    this.#watched[id] = series;
    this.curves.add(series);
    this.#scheduler.add(series);
    this.#clock.add(series, publishSchedule(this.#store.settings(id)));
  }

  #forget(id: number): void {
    const series = this.#watched[id];
    if (series === undefined) return;
    this.#publisher.end(series, this.#now());
    this.curves.remove(series);
    this.#scheduler.remove(id);
    this.#clock.remove(series);
    this.#watched[id] = undefined;
  }
}
