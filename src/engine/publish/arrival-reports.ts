import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { gaugeFuncBy } from '../../lib/metrics/metrics.js';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { SeriesStore } from '../../series/series-store.js';
import { isLate, isTooLate, latenessMs, MAX_LATENESS_MS, sparseIntervalMs } from '../series/arrival-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const WARN_INTERVAL_MS = 60_000;
/** So many intervals of a series have to be known before a rule is said to have too short a step. */
const MIN_INTERVALS = 5;
/** And two in a row have to be alike to this share: after a short one the usual interval grows for a while. */
const MAX_DIFFERENCE = 0.1;
/** A series that is late for so long is said to be: a backlog after an outage has come by then. */
const MIN_LATE_MS = 5 * 60_000;

/** Follows how the samples of series come, and reports series that are late, too late to be scored, or rarer than a step. */
export class ArrivalReports {
  readonly #store: SeriesStore;
  readonly #warnings: ThrottledLog;
  /** The series that are late now, since when, and as what they were reported. */
  readonly #late = new WeakMap<TrackedSeries, { sinceMs: number; reported?: 'late' | 'tooLate' }>();
  readonly #now: () => number;
  /** Rules whose step was said to be too short: once each. */
  readonly #sparseRules = new Set<string>();
  /** The interval of a sparse series, and its newest sample then. */
  readonly #sparse = new WeakMap<TrackedSeries, { everyMs: number; heardMs: number }>();

  constructor(options: {
    store: SeriesStore;
    tracked: () => Iterable<TrackedSeries>;
    log: Logger;
    now: () => number;
    registry: Registry;
  }) {
    const { store, tracked, log, now, registry } = options;
    this.#store = store;
    this.#now = now;
    this.#warnings = new ThrottledLog(log, WARN_INTERVAL_MS, now);
    gaugeFuncBy(
      registry,
      'sentio_tracked_series_late',
      'Tracked series whose samples come later than publish_delay: scored when they come, or too_late, by more than an hour, to be scored.',
      'status',
      () => {
        const counts = { scored: 0, too_late: 0 };
        for (const series of tracked()) {
          if (isTooLate(store, series)) counts.too_late++;
          else if (isLate(series)) counts.scored++;
        }
        return counts;
      },
    );
  }

  /** To be called after every evaluation of a series. */
  check(series: TrackedSeries): void {
    this.#checkLateness(series);
    this.#checkStep(series);
  }

  #checkLateness(series: TrackedSeries): void {
    const store = this.#store;
    const status = isTooLate(store, series) ? 'tooLate' : isLate(series) ? 'late' : undefined;
    if (status === undefined) {
      this.#late.delete(series);
      return;
    }
    const nowMs = this.#now();
    const late = this.#late.get(series) ?? { sinceMs: nowMs };
    this.#late.set(series, late);
    if (late.reported === status || nowMs - late.sinceMs < MIN_LATE_MS) return;
    late.reported = status;
    if (status === 'tooLate') {
      const hours = MAX_LATENESS_MS / 3_600_000;
      this.#warn(series, { hours }, 'samples come too late: the series is not scored');
    } else {
      const seconds = latenessMs(store, series) / 1000;
      this.#warn(series, { seconds }, 'samples come later than publish_delay: steps are scored when they have come');
    }
  }

  /** A step that has no sample four times in five shows less than a longer one. */
  #checkStep(series: TrackedSeries): void {
    const store = this.#store;
    const everyMs = sparseIntervalMs(store, series);
    if (everyMs === undefined) return;
    const { name } = store.rule(series.id);
    const heardMs = store.heardMs(series.id);
    if (this.#sparseRules.has(name) || heardMs - store.firstSampleMs(series.id) < MIN_INTERVALS * everyMs) return;
    const before = this.#sparse.get(series);
    if (before?.heardMs === heardMs) return;
    this.#sparse.set(series, { everyMs, heardMs });
    if (!(Math.abs(everyMs - (before?.everyMs ?? 0)) <= MAX_DIFFERENCE * everyMs)) return;
    this.#sparseRules.add(name);
    const seconds = Math.round(everyMs / 1000);
    this.#warn(
      series,
      { everySeconds: seconds, step: `${seconds}s` },
      'samples are further apart than a step: a longer step is recommended',
    );
  }

  #warn({ id }: TrackedSeries, details: object, message: string): void {
    const store = this.#store;
    this.#warnings.warn({ series: formatLabels(store.labels(id)), rule: store.rule(id).name, ...details }, message);
  }
}
