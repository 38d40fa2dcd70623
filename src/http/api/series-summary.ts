import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { SeriesStatus } from '../../engine/query/series-report.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import type { Unmatched } from '../../model/settings/unmatched.js';
import { ALARM_KINDS } from './alarm-json.js';
import type { AlarmKind } from './json/alarms.js';
import type { SummaryJson } from './json/series.js';

/** Counts series by what state they are in, of each rule and kind of alarm. */
export class SeriesSummary {
  readonly #kinds = new Map<AlarmKind, number>();
  readonly #rules = new Map<string, { name: string; series: number; anomalous: number }>();
  #series = 0;
  #anomalous = 0;
  #learning = 0;
  #ended = 0;
  #limited = 0;

  add({ crossings }: TrackedSeries, { rule: name, state, alarm }: SeriesStatus): void {
    const rule = this.#rules.get(name) ?? { name, series: 0, anomalous: 0 };
    this.#rules.set(name, rule);
    this.#series++;
    rule.series++;
    if (state === 'learning') this.#learning++;
    if (state === 'ended') this.#ended++;
    if (crossings !== undefined && crossings.found.length > 0) this.#limited++;
    if (alarm === undefined) return;
    this.#anomalous++;
    rule.anomalous++;
    this.#kinds.set(alarm.kind, (this.#kinds.get(alarm.kind) ?? 0) + 1);
  }

  /** What was counted, with what holds of all series together. */
  toJson(
    { historyProgress: history, fullBecause: full }: Pick<EngineQueries, 'historyProgress' | 'fullBecause'>,
    unmatched: Unmatched | undefined,
  ): SummaryJson {
    return {
      series: this.#series,
      anomalous: this.#anomalous,
      learning: this.#learning,
      ended: this.#ended,
      ...(this.#limited > 0 && { limited: this.#limited }),
      ...(full !== undefined && { full: full === 'seriesLimit' ? 'series_limit' : 'memory_limit' }),
      ...(unmatched !== undefined &&
        unmatched.series > 0 && { unmatched: { series: unmatched.series, near_miss: unmatched.nearMiss } }),
      ...(history !== undefined && history.total > 0 && { history }),
      kinds: ALARM_KINDS.flatMap((kind) => {
        const count = this.#kinds.get(kind);
        return count === undefined ? [] : [{ kind, anomalous: count }];
      }),
      rules: [...this.#rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }
}
