import type { Registry } from 'prom-client';
import type { SeriesStore } from '../../series/series-store.js';
import type { Exclusions } from '../exclusions/exclusions.js';
import { noteArrival } from '../series/arrival-state.js';
import { hasEnded, noteOwnership } from '../series/presence-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import type { ForecastWriter } from './forecast-writer.js';
import { MissingSeries } from './missing-series.js';

/** `elsewhere`: another Sentio may publish the series; `ended`: its source has ended as PromQL sees it. */
export type PresenceStatus = 'present' | 'ended' | 'elsewhere';

/** Checks at every evaluation whether a series is there to be published, and publishes that it is missing. */
export class Presence {
  readonly #store: SeriesStore;
  readonly #ownershipGraceMs: number;
  readonly #missing: MissingSeries;

  /** `ownershipGraceMs`: see `noteOwnership`; 0 where no other Sentio publishes. */
  constructor(options: {
    store: SeriesStore;
    writer: ForecastWriter;
    exclusions: Exclusions;
    ownershipGraceMs: number;
    registry: Registry;
  }) {
    this.#store = options.store;
    this.#ownershipGraceMs = options.ownershipGraceMs;
    this.#missing = new MissingSeries(options);
  }

  /** Adds a series; `cameMs` is when it first came, −∞ for one that was there before. */
  add(series: TrackedSeries, cameMs: number): void {
    this.#missing.add(series, cameMs);
  }

  /** Forgets a series, which the store must still know, and ends its `sentio_series_missing`. */
  remove(series: TrackedSeries, nowMs: number): void {
    this.#missing.remove(series, nowMs);
  }

  /** To be asked at every evaluation of a series, in order of time. */
  check(series: TrackedSeries, evaluationMs: number): PresenceStatus {
    const store = this.#store;
    const { id } = series;
    noteArrival(store, series, evaluationMs);
    this.#missing.check(series, evaluationMs);
    const graceMs = this.#ownershipGraceMs;
    const isOurs = graceMs === 0 || noteOwnership(series, store.heardMs(id), evaluationMs, graceMs);
    if (!isOurs && Number.isNaN(store.endedAtMs(id))) return 'elsewhere';
    return hasEnded(store, series, evaluationMs) ? 'ended' : 'present';
  }
}
