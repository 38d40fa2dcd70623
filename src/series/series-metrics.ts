import { Gauge, type Registry } from 'prom-client';
import { readCounter, readCounterBy } from '../lib/read-counter.js';
import type { RegistryOptions } from './series-registry.js';
import type { SeriesStats } from './series-stats.js';

/** Defines the `sentio_*` metrics of a store; values are read when they are scraped. */
export function registerSeriesMetrics(
  registry: Registry,
  store: { readonly size: number; readonly indexBytes: number; readonly stats: SeriesStats },
  { maxSeries, memory }: Pick<RegistryOptions, 'maxSeries' | 'memory'>,
): void {
  const { stats } = store;
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) => readCounter(registry, name, help, read);
  const counterByReason = (name: string, help: string, read: () => Record<string, number>) =>
    readCounterBy(registry, 'reason', name, help, read);

  gauge('sentio_series', 'Series that are tracked.', () => store.size);
  gauge('sentio_series_limit', 'Series that may be tracked at one time.', () => maxSeries);
  gauge(
    'sentio_memory_budget_bytes',
    'Resident memory from which new series are refused; +Inf without a budget.',
    () => memory?.budgetBytes ?? Number.POSITIVE_INFINITY,
  );
  gauge('sentio_ring_bytes', 'Shared memory held by the rings of all series.', () => stats.ringBytes);
  gauge('sentio_series_index_bytes', 'Memory held by labels, index and columns of all series.', () => store.indexBytes);
  gauge('sentio_ignored_series', 'Decisions to ignore a series that are remembered.', () => stats.ignoredEntries);
  counter('sentio_series_added_total', 'Series seen for the first time.', () => stats.seriesAdded);
  counter(
    'sentio_series_removed_total',
    'Series removed: idle, or no longer chosen by a rule.',
    () => stats.seriesRemoved,
  );
  counter(
    'sentio_ignored_series_resets_total',
    'Times the remembered decisions to ignore outgrew their memory.',
    () => stats.ignoredResets,
  );
  counter(
    'sentio_metric_types_dropped_total',
    'Metric types that were not remembered for want of room.',
    () => stats.metricTypesDropped,
  );
  counterByReason('sentio_series_untracked_total', 'Times a series was met in a request and not tracked.', () => ({
    no_rule: stats.noRule,
    own_output: stats.ownOutput,
    series_limit: stats.seriesLimit,
    memory_limit: stats.memoryLimit,
    invalid_labels: stats.invalidLabels,
    label_limit: stats.labelLimit,
  }));
}
