import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EventSource } from '../../incidents/event-causes.js';
import { formatIncidents, parseIncidents } from '../../incidents/incident-state.js';
import { IncidentTracker } from '../../incidents/incident-tracker.js';
import { TimeSlice } from '../../lib/time-slice.js';
import { alarmGapMs } from '../../model/samples/alarm-gap.js';
import type { SeriesStore } from '../../series/series-store.js';
import { currentAlarm } from '../series/current-alarm.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { registerIncidentMetrics } from './incident-metrics.js';

/** How often the alarms that came are grouped. */
const UPDATE_INTERVAL_MS = 5_000;

/** Hands the alarms of all series to the incident tracker, and brings it up to date at an interval, in slices. */
export class IncidentUpdates {
  readonly tracker: IncidentTracker;
  readonly #store: SeriesStore;
  readonly #log: Logger;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isUpdating = false;

  constructor({
    store,
    log,
    now,
    registry,
    events,
  }: {
    store: SeriesStore;
    log: Logger;
    now: () => number;
    registry: Registry;
    /** What happened from outside; nothing by default. */
    events?: EventSource;
  }) {
    this.#store = store;
    this.#log = log;
    this.#now = now;
    this.tracker = new IncidentTracker({
      describe: (id) => ({ labels: store.labels(id), rule: store.rule(id).name }),
      ...(events !== undefined && { events }),
    });
    registerIncidentMetrics(registry, this.tracker);
  }

  /** Adds a series, which the store knows. */
  add({ id }: TrackedSeries): void {
    this.tracker.addSeries(id);
  }

  remove({ id }: TrackedSeries): void {
    this.tracker.removeSeries(id);
  }

  /** Takes in what an evaluation of a series found. */
  report(series: TrackedSeries, evaluationMs: number): void {
    const { id, missing, scoredUntilMs: timeMs, score, alarms } = series;
    const { stepMs } = this.#store.settings(id);
    const gapMs = alarmGapMs(stepMs);
    if (missing !== undefined) {
      const report = { onsetMs: missing.sinceMs, timeMs: evaluationMs, gapMs, score: Number.NaN };
      this.tracker.report(id, { ...report, kind: 'missing_series', side: 'missing' });
      return;
    }
    const alarm = currentAlarm(series, stepMs);
    if (alarm === undefined) return;
    const side = (alarms.at(timeMs)?.side ?? 1) > 0 ? 'above' : 'below';
    this.tracker.report(id, { onsetMs: alarm.sinceMs, timeMs, gapMs, score, kind: alarm.kind, side });
  }

  start(): void {
    this.#timer = setInterval(() => void this.#update(), UPDATE_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** All incidents as text, in pieces. */
  *save(): Generator<Uint8Array> {
    for (const line of formatIncidents(this.tracker)) yield Buffer.from(line);
  }

  /** Takes over what `save` gave, before any series is added. Throws `SyntaxError` for anything else. */
  restore(text: string): void {
    this.tracker.restore(parseIncidents(text));
  }

  async #update(): Promise<void> {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    try {
      const slice = new TimeSlice();
      for (const _ of this.tracker.update(this.#now())) if (slice.isOver) await slice.pause();
    } catch (err) {
      this.#log.error({ err }, 'grouping alarms into incidents failed');
    } finally {
      this.#isUpdating = false;
    }
  }
}
