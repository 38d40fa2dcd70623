import { formatBytes } from '../lib/bytes.js';
import type { ThrottledLog } from '../lib/throttled-log.js';
import { formatLabels, type Labels } from '../model/labels/labels.js';
import { Untracked } from '../model/samples/write-sink.js';
import { InvalidLabelsError, validateLabels } from './labels/validate-labels.js';
import type { RegistryOptions, SeriesRegistry } from './series-registry.js';
import type { ResolverOptions, SeriesResolver } from './series-resolver.js';
import type { SeriesStats } from './series-stats.js';

type UntrackedOptions = ResolverOptions & RegistryOptions;

/** Counts, logs and explains why series are not tracked. */
export class UntrackedSeries {
  readonly #options: UntrackedOptions;
  readonly #series: SeriesRegistry;
  readonly #resolver: SeriesResolver;
  readonly #stats: SeriesStats;
  readonly #warnings: ThrottledLog;

  constructor(
    options: UntrackedOptions,
    parts: { series: SeriesRegistry; resolver: SeriesResolver; stats: SeriesStats; warnings: ThrottledLog },
  ) {
    this.#options = options;
    this.#series = parts.series;
    this.#resolver = parts.resolver;
    this.#stats = parts.stats;
    this.#warnings = parts.warnings;
  }

  /** Counts a series that is not tracked by `code`, an `Untracked`, and logs limits that refuse it. */
  count(code: number): void {
    const stats = this.#stats;
    const { maxSeries, memory, maxNewSeriesPerSecond } = this.#options;
    switch (code) {
      case Untracked.noRule:
        stats.noRule++;
        break;
      case Untracked.ownOutput:
        stats.ownOutput++;
        break;
      case Untracked.invalidLabels:
        stats.invalidLabels++;
        break;
      case Untracked.labelLimit:
        stats.labelLimit++;
        break;
      case Untracked.seriesLimit:
        stats.seriesLimit++;
        this.#warn({ maxSeries }, 'series limit reached: new series are refused', stats.seriesLimit);
        break;
      case Untracked.memoryLimit:
        stats.memoryLimit++;
        this.#warn(
          { budgetBytes: memory?.budgetBytes },
          'memory budget reached: new series are refused',
          stats.memoryLimit,
        );
        break;
      case Untracked.newSeriesLimit:
        stats.newSeriesLimit++;
        this.#warn(
          { maxNewSeriesPerSecond },
          'more new series come than are let in: some are refused',
          stats.newSeriesLimit,
        );
        break;
      case Untracked.ruleLimit:
        stats.ruleLimit++;
        this.#warn({}, 'a rule has all the series it may have: its new series are refused', stats.ruleLimit);
    }
  }

  #warn(limit: object, message: string, refused: number): void {
    this.#warnings.warn({ ...limit, series: this.#series.table.size, refused }, message);
  }

  /** Why `resolve` returned `code` for a block, for people. */
  describe(bytes: Uint8Array, start: number, end: number, code: number): string {
    try {
      const labels = validateLabels(bytes, start, end, this.#options);
      const series = cap(formatLabels(labels));
      switch (code) {
        case Untracked.noRule:
          return `no rule matches ${series}`;
        case Untracked.ownOutput:
          return `${series} is Sentio's own output`;
        case Untracked.memoryLimit:
          return `${series} exceeds the memory budget of ${formatBytes(this.#options.memory?.budgetBytes ?? 0)} (--memory.budget)`;
        case Untracked.newSeriesLimit:
          return `${series} is new, and more than ${this.#options.maxNewSeriesPerSecond} new series came within a second (receiver.max_new_series_per_second)`;
        case Untracked.ruleLimit:
          return `${series} exceeds the limit of its rule${this.#limitOfRule(labels)} (max_series)`;
        default:
          return `${series} exceeds the limit of ${this.#options.maxSeries} series`;
      }
    } catch (error) {
      if (!(error instanceof InvalidLabelsError)) throw error;
      const series = error.labels.length > 0 ? ` ${cap(formatLabels(error.labels))}` : '';
      return `series${series} was refused: ${cap(error.message)}`;
    }
  }

  #limitOfRule(labels: Labels): string {
    const rule = this.#series.ruleOf(this.#resolver.identityOf(labels));
    return rule?.maxSeries === undefined ? '' : ` "${rule.name}" of ${rule.maxSeries} series`;
  }
}

function cap(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
