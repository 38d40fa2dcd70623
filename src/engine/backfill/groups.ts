import { labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { derivedFrom } from './derived-from.js';
import type { HistoryGap } from './history-gap.js';

/**
 * Series that wait for their history, by what one query can request together: one metric, or all that is derived from one
 * native histogram, one rule, the same label names, and either all of the past or a gap repair. The series that came first is read first, with its group.
 */
export class BackfillGroups {
  readonly #store: SeriesStore;
  readonly #readsHistograms: boolean;
  readonly #groups = new Map<string, Map<TrackedSeries, HistoryGap>>();
  readonly #keys = new Map<TrackedSeries, string>();
  /** Sum over all gaps that wait. */
  units = 0;

  /** `readsHistograms`: whether the database gives native histograms. */
  constructor(store: SeriesStore, { readsHistograms }: { readsHistograms: boolean }) {
    this.#store = store;
    this.#readsHistograms = readsHistograms;
  }

  get size(): number {
    return this.#keys.size;
  }

  add(gap: HistoryGap): void {
    const { series } = gap;
    const labels = this.#store.labels(series.id);
    const names = labels.map(({ name }) => name);
    const isRepair = gap.repairFromMs < Number.POSITIVE_INFINITY;
    const rule = this.#store.rule(series.id).name;
    const family = this.#readsHistograms ? derivedFrom(this.#store, series.id)?.family : undefined;
    const metric = family ?? labelValue(labels, METRIC_NAME);
    const key = JSON.stringify([isRepair, rule, metric, family !== undefined, ...names]);
    const group = this.#groups.get(key) ?? new Map<TrackedSeries, HistoryGap>();
    this.#groups.set(key, group.set(series, gap));
    this.#keys.set(series, key);
    this.units += gap.units;
  }

  delete(series: TrackedSeries): void {
    const key = this.#keys.get(series);
    if (key === undefined) return;
    const group = this.#groups.get(key)!;
    this.units -= group.get(series)!.units;
    group.delete(series);
    if (group.size === 0) this.#groups.delete(key);
    this.#keys.delete(series);
  }

  /** Takes out up to `max` series of one group; none where nothing waits. */
  take(max: number): HistoryGap[] {
    const [group] = this.#groups.values();
    const taken: HistoryGap[] = [];
    for (const gap of group?.values() ?? []) {
      if (taken.length === max) break;
      this.delete(gap.series);
      taken.push(gap);
    }
    return taken;
  }
}
