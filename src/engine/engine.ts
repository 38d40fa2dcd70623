import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { FitPool } from '../forecast/pool/fit-pool.js';
import { gaugeFunc } from '../lib/metrics/metrics.js';
import { MarkerStore } from '../markers/marker-store.js';
import { formatLabels } from '../model/labels/labels.js';
import type { Rule } from '../model/settings/settings.js';
import type { RemoteWriter } from '../remote/write/remote-writer.js';
import type { SeriesStore } from '../series/series-store.js';
import type { ReadBytes } from '../series/snapshot/snapshot-format.js';
import { Backfill, type BackfillOptions } from './backfill/backfill.js';
import { ExclusionUpdates } from './exclusions/exclusion-updates.js';
import { Exclusions } from './exclusions/exclusions.js';
import { FitScheduler } from './fits/fit-scheduler.js';
import { IncidentUpdates } from './incidents/incident-updates.js';
import { QueryPoller, type QueryPollerOptions } from './polling/query-poller.js';
import { ArrivalReports } from './publish/arrival-reports.js';
import { EvaluationClock } from './publish/evaluation-clock.js';
import { evaluationSchedule, forecastTimeMs, nextEvaluation } from './publish/evaluation-schedule.js';
import { Evaluator } from './publish/evaluator.js';
import type { FutureWriter } from './publish/forecast-writer.js';
import { FutureCurves } from './publish/future-curves.js';
import { namesOf } from './publish/published-names.js';
import { EngineQueries } from './query/engine-queries.js';
import { ForecastReader } from './query/forecast-reader.js';
import { InstantReader } from './query/instant-reader.js';
import { AnomalyCounter } from './scoring/anomaly-counter.js';
import { registerCoverageMetrics } from './scoring/coverage-metrics.js';
import { LevelShiftLog } from './scoring/level-shift-log.js';
import type { Evaluated } from './scoring/step-scorer.js';
import { inheritArrival, skipArrivals } from './series/arrival-state.js';
import { FormerCurves } from './series/former-curves.js';
import { inheritPresence } from './series/presence-state.js';
import { inheritPublished, noteFormerProcess } from './series/publish-state.js';
import { TrackedSeries } from './series/tracked-series.js';
import { type Restored, restoreLeftOut, restoreSnapshot, saveSnapshot } from './snapshot/engine-snapshot.js';
import type { FutureMark } from './snapshot/future-mark.js';

const SWEEP_INTERVAL_MS = 60_000;
/** A fit on the few points a series has before its history is read is of no use, but reading history may take long. */
const MAX_WAIT_FOR_HISTORY_MS = 10 * 60_000;

/** Tracks every series of the store: has it fitted, evaluated and published, each at its time. */
export class Engine {
  readonly #store: SeriesStore;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #anomalies: AnomalyCounter;
  readonly #levels: LevelShiftLog;
  readonly #arrivals: ArrivalReports;
  readonly #scheduler: FitScheduler;
  readonly #evaluator: Evaluator;
  readonly #clock: EvaluationClock;
  readonly #futures: FutureCurves | undefined;
  readonly #backfill: Backfill | undefined;
  readonly #poller: QueryPoller | undefined;
  readonly #forecasts: ForecastReader;
  /** What happened, of the alarms of all series; its `save` and `restore` are for the file beside the snapshot. */
  readonly incidents: IncidentUpdates;
  /** What people exclude; its `save` and `restore` are for a file beside the snapshot. */
  readonly exclusions: ExclusionUpdates;
  /** Of series that are not here; its `save` and `restore` are for a file beside the snapshot. */
  readonly formerCurves = new FormerCurves();
  /** What http/ and the demo ask. */
  readonly queries: EngineQueries;
  readonly #tracked: (TrackedSeries | undefined)[] = [];
  /** Between `restore` and `start`. */
  #restored = new Map<number, TrackedSeries>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: {
    store: SeriesStore;
    pool: Pick<FitPool, 'fit'>;
    fitConcurrency: number;
    externalLabels: readonly string[];
    /** Where history is read from; undefined if there is only what is received. */
    history?: Pick<BackfillOptions, 'sources' | 'connect'>;
    /** Where queries are evaluated; undefined if there are none. */
    queries?: Pick<QueryPollerOptions, 'sources' | 'connect'>;
    /** See `noteOwnership`; 0, the default, where no other Sentio publishes. */
    ownershipGraceMs?: number;
    /** What happened from outside; nothing by default. */
    markers?: MarkerStore;
    writer: Pick<RemoteWriter, 'append' | 'appendStale' | 'flush'>;
    /** Where curves of the future are written; undefined if nowhere. */
    future?: { readonly writer: FutureWriter; readonly mark: FutureMark };
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    const { store, pool, externalLabels, history, queries, writer, log, now, registry } = options;
    const { ownershipGraceMs = 0, markers = new MarkerStore() } = options;
    this.#store = store;
    this.#log = log;
    this.#now = now;
    this.#anomalies = new AnomalyCounter({ store, registry });
    const exclusions = new Exclusions(store);
    const concurrency = options.fitConcurrency;
    this.#scheduler = new FitScheduler({ store, exclusions, pool, concurrency, log, now, registry });
    this.#levels = new LevelShiftLog({ store, log, registry });
    this.#arrivals = new ArrivalReports({ store, tracked: () => this.#series(), log, now, registry });
    this.incidents = new IncidentUpdates({ store, log, now, registry, events: markers });
    this.#evaluator = new Evaluator({ store, writer, exclusions, ownershipGraceMs, registry });
    const tracking = {
      tracked: () => this.#series(),
      isTracked: (series: TrackedSeries) => this.#tracked[series.id] === series,
    };
    this.exclusions = new ExclusionUpdates({
      store,
      exclusions,
      ...tracking,
      refit: (series) => this.#scheduler.refit(series),
      endScore: (series, nowMs) => this.#evaluator.endScore(series, nowMs),
      log,
      now,
    });
    this.#clock = new EvaluationClock({
      prepare: (series) => exclusions.bringUpToDate(series),
      evaluate: (series, evaluationMs, schedule) => {
        const scored = this.#evaluator.evaluate(series, evaluationMs, schedule);
        if (scored !== undefined) this.#takeIn(series, scored);
        this.#futures?.advance(series);
        this.#arrivals.check(series);
        this.incidents.report(series, evaluationMs);
      },
      flush: () => writer.flush(),
      describe: ({ id }) => formatLabels(store.labels(id)),
      log,
      now,
      registry,
    });
    this.#forecasts = new ForecastReader({ store, externalLabels, ownershipGraceMs, now });
    if (history !== undefined && history.sources.length > 0) {
      const onDone = (series: TrackedSeries, readMs: number) => {
        // A short gap is learnt from at the next refit that is due anyway.
        const isWorthwhile = readMs >= store.settings(series.id).refitIntervalMs;
        if (series.model === undefined || isWorthwhile) this.#scheduler.refit(series);
      };
      this.#backfill = new Backfill({ ...history, store, externalLabels, onDone, log, now, registry });
    }
    if (queries !== undefined && queries.sources.length > 0) {
      const onCaughtUp = (rule: Rule) => {
        for (const series of this.#series())
          if (store.rule(series.id).name === rule.name) this.#scheduler.refit(series);
      };
      this.#poller = new QueryPoller({ ...queries, store, onCaughtUp, log, now, registry });
    }
    const { future } = options;
    const former = this.formerCurves;
    this.#futures =
      future && new FutureCurves({ ...future, former, store, ownershipGraceMs, ...tracking, log, now, registry });
    this.queries = new EngineQueries({
      store,
      exclusions,
      forecasts: this.#forecasts,
      instants: new InstantReader({ store, exclusions, externalLabels, ownershipGraceMs, now, ...tracking }),
      now,
      ...tracking,
      markers,
      incidents: this.incidents.tracker,
      historyProgress: () => this.#backfill?.progress,
    });
    registerCoverageMetrics(
      registry,
      () => this.#series(),
      ({ id }) => store.rule(id),
    );
    const tracked = this.#tracked;
    gaugeFunc(
      registry,
      'sentio_series_with_forecast',
      'Tracked series that have a fitted model.',
      () => this.withForecast,
    );
    gaugeFunc(
      registry,
      'sentio_series_published',
      'Tracked series whose forecasts are being published; series that ended or belong to another Sentio are not.',
      () => tracked.reduce((count, series) => count + (series?.published === undefined ? 0 : 1), 0),
    );
  }

  /** How many tracked series have a fitted model. */
  get withForecast(): number {
    return this.#tracked.reduce((count, series) => count + (series?.model === undefined ? 0 : 1), 0);
  }

  /** A snapshot of all series, in pieces; each is valid until the next is asked for. */
  snapshot(): Iterable<Uint8Array> {
    return saveSnapshot(this.#store, this.#tracked, this.#now());
  }

  /**
   * Fills the store, which must be empty, from a snapshot. Call it before `start`, which then continues where the
   * snapshot ends. Rejects, with the store still empty, for anything but a complete and undamaged snapshot.
   */
  async restore(read: ReadBytes): Promise<Restored> {
    const restored = await restoreSnapshot(this.#store, read, this.#now(), this.formerCurves);
    this.#restored = new Map(restored.series);
    return restored;
  }

  /** Adds the series of an older snapshot that had no room then, as far as there is room now; to be called after `restore`. */
  async restoreLeftOut(read: ReadBytes): Promise<Restored> {
    return restoreLeftOut(this.#store, read, this.#now(), this.#restored);
  }

  /** Tracks the series that the store has already, and from now on every one that comes; evaluates the queries of `rules`. */
  start(rules: readonly Rule[] = []): void {
    this.#store.listener = {
      seriesAdded: (id) => {
        const series = new TrackedSeries(id);
        this.#takeOver(series);
        this.#track(series, this.#now());
      },
      seriesRemoved: (id) => this.#forget(id),
      seriesReset: (id) => {
        const before = this.#tracked[id];
        this.#forget(id);
        const series = new TrackedSeries(id);
        if (before !== undefined) {
          inheritPublished(series, before);
          inheritPresence(series, before);
          inheritArrival(series, before);
        }
        this.#track(series);
      },
      seriesResumed: (id, beforeMs) => {
        const series = this.#tracked[id];
        if (series !== undefined) this.#backfillOf(series)?.repair(series, beforeMs);
      },
    };
    for (const id of this.#store.ids()) {
      const series = this.#restored.get(id) ?? new TrackedSeries(id);
      this.#takeOver(series);
      skipArrivals(this.#store, series);
      this.#track(series);
      this.#endFormerNames(series);
    }
    this.#restored = new Map();
    this.#poller?.setRules(rules);
    this.incidents.start();
    this.#sweep = setInterval(() => {
      const removed = this.#store.sweepIdle();
      if (removed > 0) this.#log.info({ removed, series: this.#store.size }, 'idle series removed');
    }, SWEEP_INTERVAL_MS);
  }

  /** Stops fitting, publishing and reading history; closing the writer sends what was published. */
  stop(): void {
    clearInterval(this.#sweep);
    this.#clock.stop();
    this.#futures?.stop();
    this.#scheduler.stop();
    this.#backfill?.stop();
    this.#poller?.stop();
    this.incidents.stop();
  }

  /** The rule of a series is another one now: publishes it on its present schedule, and refits it if its model has other options. */
  ruleChanged(id: number): void {
    const series = this.#tracked[id];
    if (series === undefined) return;
    const settings = this.#store.settings(id);
    this.#clock.remove(series);
    this.#clock.add(series, evaluationSchedule(settings));
    this.#endFormerNames(series);
    if (!isDeepStrictEqual(settings.prophet, series.fittedWith)) this.#scheduler.refit(series);
  }

  /** Evaluates the queries of these rules from now on. */
  setQueries(rules: readonly Rule[]): void {
    this.#poller?.setRules(rules);
  }

  /** Counts and reports what an evaluation found, and has a series whose level changed fitted again. */
  #takeIn(series: TrackedSeries, evaluated: Evaluated): void {
    for (const step of [...evaluated.earlier, evaluated]) {
      this.#anomalies.count(series, step);
      if (step.levelShift === undefined) continue;
      this.#levels.report(series, step.levelShift);
      this.#scheduler.refit(series);
    }
  }

  /** Every tracked series, in no order. */
  *#series(): Iterable<TrackedSeries> {
    for (const series of this.#tracked) if (series !== undefined) yield series;
  }

  /** `cameMs`: when the series first came, where that was just now. */
  #track(series: TrackedSeries, cameMs = Number.NEGATIVE_INFINITY): void {
    this.#tracked[series.id] = series;
    this.#forecasts.add(series);
    this.#futures?.add(series);
    this.#evaluator.add(series, cameMs);
    const backfill = this.#backfillOf(series);
    this.#scheduler.add(series, backfill === undefined ? 0 : MAX_WAIT_FOR_HISTORY_MS);
    backfill?.add(series);
    this.#clock.add(series, evaluationSchedule(this.#store.settings(series.id)));
    this.#anomalies.add(series);
    this.#levels.add(series);
    this.incidents.add(series);
  }

  /** What reads the history of a series, if anything does: the results of queries are in no database. */
  #backfillOf({ id }: TrackedSeries): Backfill | undefined {
    return this.#store.rule(id).query === undefined ? this.#backfill : undefined;
  }

  /**
   * The process before this one may have published a series up to now: after the snapshot, or where there is none. That is kept
   * in snapshots to come, because the clock may be set back before anything is published here.
   */
  #takeOver(series: TrackedSeries): void {
    const settings = this.#store.settings(series.id);
    const schedule = evaluationSchedule(settings);
    const next = nextEvaluation(schedule, this.#now(), Number.NEGATIVE_INFINITY);
    const evaluationMs = (next - 1) * schedule.intervalMs;
    noteFormerProcess(series, Math.round(evaluationMs), forecastTimeMs(schedule, evaluationMs, settings.leadMs));
  }

  /** Ends what is published of a series where it has other names now, or no model to publish. */
  #endFormerNames(series: TrackedSeries): void {
    const { model, published } = series;
    if (model === undefined || !isDeepStrictEqual(published, namesOf(this.#store, series)))
      this.#evaluator.end(series, this.#now());
  }

  #forget(id: number): void {
    const series = this.#tracked[id];
    if (series === undefined) return;
    this.#evaluator.remove(series, this.#now());
    this.#forecasts.remove(series);
    this.#futures?.remove(series);
    this.#scheduler.remove(id);
    this.#backfill?.remove(series);
    this.#clock.remove(series);
    this.incidents.remove(series);
    this.#tracked[id] = undefined;
  }
}
