import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics/metrics.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import type { LevelShiftEvent } from './level-shift-tracker.js';

const WINDOW_MS = 60_000;
/** Where many series change their level at one time, only these many are logged. */
const MAX_LINES_PER_WINDOW = 20;

/** Logs and counts accepted and reverted level shifts. */
export class LevelShiftLog {
  readonly #store: SeriesStore;
  readonly #log: Logger;
  readonly #counters: Readonly<Record<LevelShiftEvent['kind'], Counter<'rule'>>>;
  #windowEndsMs = Number.NEGATIVE_INFINITY;
  #lines = 0;

  constructor({ store, log, registry }: { store: SeriesStore; log: Logger; registry: Registry }) {
    this.#store = store;
    this.#log = log;
    this.#counters = {
      accepted: counter(
        registry,
        'sentio_level_shifts_accepted_total',
        'Level shifts that lasted and were accepted: the new level is expected from then on.',
        { rule: [] },
      ),
      reverted: counter(
        registry,
        'sentio_level_shifts_reverted_total',
        'Accepted level shifts that were reverted because the series returned to its former level.',
        { rule: [] },
      ),
    };
  }

  /** Starts the counters of the series' rule at 0, so that its first level shift is an increase. */
  add({ id }: TrackedSeries): void {
    const { name } = this.#store.rule(id);
    for (const counter of Object.values(this.#counters)) counter.inc({ rule: name }, 0);
  }

  report(series: TrackedSeries, { kind, from, to, timeMs }: LevelShiftEvent): void {
    this.#counters[kind].inc({ rule: this.#store.rule(series.id).name });
    if (timeMs >= this.#windowEndsMs) {
      this.#windowEndsMs = timeMs + WINDOW_MS;
      this.#lines = 0;
    }
    if (++this.#lines > MAX_LINES_PER_WINDOW) return;
    const { openShift } = series;
    this.#log.info(
      {
        series: formatLabels(this.#store.labels(series.id)),
        // A second shift within a day is measured from the level before the first.
        shifted_at: openShift && new Date(openShift.atMs),
        since: new Date(timeMs),
        from,
        to,
      },
      kind === 'accepted'
        ? 'level shift accepted: the new level is expected from now on'
        : 'level shift reverted: the former level is expected again',
    );
  }
}
