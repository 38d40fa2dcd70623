import { calendarOf, type SpecialSpan } from '../../calendar/rule-calendar.js';
import type { Alarm } from '../../detect/alarms.js';
import type { Components } from '../../forecast/model/evaluate.js';
import type { Incident } from '../../incidents/incident.js';
import type { IncidentTracker } from '../../incidents/incident-tracker.js';
import type { MarkerStore } from '../../markers/marker-store.js';
import type { Labels } from '../../model/labels/labels.js';
import type { Samples } from '../../model/samples/columns.js';
import type { SeriesReference } from '../../model/settings/series-reference.js';
import type { Rule, SeriesSettings } from '../../model/settings/settings.js';
import type { Match } from '../../series/references/referenced.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { ExcludedTime, Exclusion } from '../exclusions/exclusion.js';
import { Exclusions } from '../exclusions/exclusions.js';
import { componentsOn } from '../expectation/expectation.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type Explanation, explain, type Peers, peersOf } from './explain.js';
import type { ForecastReader } from './forecast-reader.js';
import type { InstantReader } from './instant-reader.js';
import {
  forecastOf,
  reportSeries,
  type SeriesForecast,
  type SeriesReport,
  type SeriesStatus,
  statusOf,
} from './series-report.js';
import { type Sparkline, sparklineOf } from './sparkline.js';

/** Progress of the backfill, in series. */
export interface HistoryProgress {
  readonly done: number;
  readonly total: number;
}

/** Read-only queries of the engine's state. */
export class EngineQueries {
  /** The forecast series that remote-read asks for. */
  readonly forecasts: ForecastReader;
  /** The series that the query API serves. */
  readonly instants: InstantReader;
  /** What happened from outside, such as deployments. */
  readonly markers: Pick<MarkerStore, 'between' | 'concerning'>;
  readonly #store: SeriesStore;
  readonly #exclusions: Exclusions;
  readonly #incidents: Pick<IncidentTracker, 'incidents' | 'find'>;
  readonly #now: () => number;
  readonly #tracked: () => Iterable<TrackedSeries>;
  readonly #isTracked: (series: TrackedSeries) => boolean;
  readonly #historyProgress: () => HistoryProgress | undefined;

  constructor(options: {
    store: SeriesStore;
    exclusions?: Exclusions;
    forecasts: ForecastReader;
    instants: InstantReader;
    markers: Pick<MarkerStore, 'between' | 'concerning'>;
    incidents: Pick<IncidentTracker, 'incidents' | 'find'>;
    now: () => number;
    tracked: () => Iterable<TrackedSeries>;
    isTracked: (series: TrackedSeries) => boolean;
    historyProgress: () => HistoryProgress | undefined;
  }) {
    this.#store = options.store;
    this.#exclusions = options.exclusions ?? new Exclusions(options.store);
    this.forecasts = options.forecasts;
    this.instants = options.instants;
    this.markers = options.markers;
    this.#now = options.now;
    this.#incidents = options.incidents;
    this.#tracked = options.tracked;
    this.#isTracked = options.isTracked;
    this.#historyProgress = options.historyProgress;
  }

  /** Every tracked series, in no order. */
  series(): Iterable<TrackedSeries> {
    return this.#tracked();
  }

  /** Whether a series is still the one tracked under its id: between two turns of the event loop it may have been removed. */
  isTracked(series: TrackedSeries): boolean {
    return this.#isTracked(series);
  }

  /** The open incidents and the last closed ones, newest first. */
  get incidents(): readonly Incident[] {
    return this.#incidents.incidents;
  }

  /** An incident by its id, or by that of one that was merged into it. */
  incident(id: string): Incident | undefined {
    return this.#incidents.find(id);
  }

  /** Undefined where no history is read. */
  get historyProgress(): HistoryProgress | undefined {
    return this.#historyProgress();
  }

  /** The limit for which new series are refused now, if any. */
  get fullBecause(): SeriesStore['fullBecause'] {
    return this.#store.fullBecause;
  }

  labels(series: TrackedSeries): Labels {
    return this.#store.labels(series.id);
  }

  /** The canonical label block, without a copy: good until the next turn of the event loop. */
  blockView(series: TrackedSeries): Uint8Array {
    return this.#store.blockView(series.id);
  }

  /** What a reference comes to for a series at present, whether its rule has it or not. */
  match(series: TrackedSeries, reference: SeriesReference): Match {
    return this.#store.match(series.id, reference);
  }

  settings(series: TrackedSeries): SeriesSettings {
    return this.#store.settings(series.id);
  }

  rule(series: TrackedSeries): Rule {
    return this.#store.rule(series.id);
  }

  /** A copy of the coarse tier: a value for each bucket that is over; of a counter rates. */
  history(series: TrackedSeries): Samples {
    const { resolutionMs } = this.settings(series);
    const newestMs = this.#store.newestSampleMs(series.id);
    const openFromMs = Math.floor(newestMs / resolutionMs) * resolutionMs;
    return this.#store.readHistory(series.id, Number.NEGATIVE_INFINITY, openFromMs);
  }

  status(series: TrackedSeries): SeriesStatus {
    return statusOf(this.#store, series, this.#now());
  }

  report(series: TrackedSeries): SeriesReport {
    return reportSeries(this.#store, series, this.#now(), this.#exclusions);
  }

  /** History and forecast of a series over a range, in Unix milliseconds. */
  forecast(series: TrackedSeries, range: { startMs: number; endMs: number; stepMs: number }): SeriesForecast {
    return forecastOf(this.#store, series, range, this.#now(), this.#exclusions);
  }

  /** The last hours of a series, small. */
  sparkline(series: TrackedSeries): Sparkline {
    return sparklineOf(this.#store, series, this.#now());
  }

  /** What was expected of a series at a time, past or future, and why. */
  explain(series: TrackedSeries, timeMs: number): Explanation {
    return explain(this.#store, series, timeMs, this.#exclusions);
  }

  /** The times in a range that are excluded, no further back than the history and no further ahead than the horizon. */
  excludedTimes(series: TrackedSeries, { startMs, endMs }: { startMs: number; endMs: number }): ExcludedTime[] {
    return this.#exclusions.between(series, ...this.#withinReach(series, startMs, endMs));
  }

  /** The special days in a range, as far as excluded times. */
  specialDays(series: TrackedSeries, { startMs, endMs }: { startMs: number; endMs: number }): SpecialSpan[] {
    return calendarOf(this.settings(series)).between(...this.#withinReach(series, startMs, endMs));
  }

  /** What people excluded of a series, whenever that is. */
  exclusionsOf(series: TrackedSeries): readonly Exclusion[] {
    return this.#exclusions.of(series);
  }

  /** What a person said because of which an alarm is suppressed, if anything. */
  acceptanceOf(series: TrackedSeries, alarm: Alarm): Exclusion | undefined {
    return this.#exclusions.acceptanceOf(series, alarm);
  }

  #withinReach(series: TrackedSeries, startMs: number, endMs: number): [fromMs: number, toMs: number] {
    const { historyMs, horizonMs } = this.settings(series);
    const nowMs = this.#now();
    return [Math.max(startMs, nowMs - historyMs), Math.min(endMs, nowMs + horizonMs)];
  }

  /** Which other series of its rule were in alarm in a step. */
  peers(series: TrackedSeries, step: { startMs: number; endMs: number }): Peers {
    return peersOf(this.#store, series, step, this.#tracked());
  }

  /** The parts of the forecast at any times; undefined until the first fit. */
  components(series: TrackedSeries, timesMs: Float64Array): Components | undefined {
    return series.model === undefined ? undefined : componentsOn(series, timesMs);
  }
}
