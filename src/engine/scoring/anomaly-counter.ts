import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics/metrics.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import type { ScoredStep } from './step-scorer.js';

/** Counts anomalies by rule when they begin: a step scores over 1 and the one before it did not. */
export class AnomalyCounter {
  readonly #store: Pick<SeriesStore, 'rule'>;
  readonly #anomalies: Counter<'rule'>;

  constructor({ store, registry }: { store: Pick<SeriesStore, 'rule'>; registry: Registry }) {
    this.#store = store;
    this.#anomalies = counter(
      registry,
      'sentio_anomalies_total',
      'Anomalies that began: steps with a score above 1 after a step without.',
      { rule: [] },
    );
  }

  /** Starts the counter of the series' rule at 0, so that its first anomaly is an increase. */
  add({ id }: TrackedSeries): void {
    this.#anomalies.inc({ rule: this.#store.rule(id).name }, 0);
  }

  count({ id }: TrackedSeries, { score, scoreBefore }: Pick<ScoredStep, 'score' | 'scoreBefore'>): void {
    if (score > 1 && !(scoreBefore > 1)) this.#anomalies.inc({ rule: this.#store.rule(id).name });
  }
}
