import type { Registry } from 'prom-client';
import { counterFunc, counterFuncBy, gaugeFunc } from '../lib/metrics/metrics.js';
import type { RegistryOptions } from './series-registry.js';
import type { SeriesStats } from './series-stats.js';

/** Defines the `sentio_*` metrics of a store; values are read when they are scraped. */
export function registerSeriesMetrics(
  registry: Registry,
  store: {
    readonly size: number;
    readonly referencedSize: number;
    readonly indexBytes: number;
    readonly stats: SeriesStats;
  },
  { maxSeries, memory }: Pick<RegistryOptions, 'maxSeries' | 'memory'>,
): void {
  const { stats } = store;
  gaugeFunc(registry, 'sentio_series', 'Tracked series.', () => store.size);
  gaugeFunc(registry, 'sentio_series_limit', 'Most series that may be tracked at once.', () => maxSeries);
  gaugeFunc(
    registry,
    'sentio_memory_budget_bytes',
    'Resident memory above which new series are refused; +Inf without a budget.',
    () => memory?.budgetBytes ?? Number.POSITIVE_INFINITY,
  );
  gaugeFunc(
    registry,
    'sentio_ring_bytes',
    'Shared memory that holds the samples of all series.',
    () => stats.ringBytes,
  );
  gaugeFunc(
    registry,
    'sentio_series_index_bytes',
    'Memory that holds the labels and the index of all series.',
    () => store.indexBytes,
  );
  gaugeFunc(
    registry,
    'sentio_ignored_series',
    'Ignored series that are remembered, so that their labels are not parsed again.',
    () => stats.ignoredEntries,
  );
  gaugeFunc(
    registry,
    'sentio_referenced_series',
    'Series that no rule tracks of which the last value is kept, because rules refer to them.',
    () => store.referencedSize,
  );
  counterFunc(registry, 'sentio_series_added_total', 'Series that were tracked anew.', () => stats.seriesAdded);
  counterFunc(
    registry,
    'sentio_series_removed_total',
    'Series that were removed because they were idle or no rule selects them any more.',
    () => stats.seriesRemoved,
  );
  counterFunc(
    registry,
    'sentio_ignored_series_resets_total',
    'Times the memory of ignored series was full and was cleared.',
    () => stats.ignoredResets,
  );
  counterFunc(
    registry,
    'sentio_metric_types_dropped_total',
    'Metric types that were dropped because their memory was full.',
    () => stats.metricTypesDropped,
  );
  counterFuncBy(
    registry,
    'sentio_series_untracked_total',
    'Series in requests that were not tracked, by reason; counted again in every request.',
    'reason',
    () => ({
      no_rule: stats.noRule,
      own_output: stats.ownOutput,
      series_limit: stats.seriesLimit,
      memory_limit: stats.memoryLimit,
      new_series_limit: stats.newSeriesLimit,
      rule_limit: stats.ruleLimit,
      invalid_labels: stats.invalidLabels,
      label_limit: stats.labelLimit,
    }),
  );
}
