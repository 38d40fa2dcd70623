import { labelValue } from '../../model/labels/labels.js';
import type { ReadWork } from '../request/reads.js';
import type { SelectedSeries } from './select-series.js';
import { rankOf, type SeriesOrder } from './series-order.js';

/** How a list is grouped: by a label, and which groups are folded, that is, without their series in the list. */
export interface Grouping {
  readonly label: string;
  readonly folded: 'none' | 'all';
  /** Groups that are folded where the others are not, or the other way round. */
  readonly except: ReadonlySet<string>;
}

/** The series that have one value of the label; the name is that value, and empty where they lack the label. */
interface SeriesGroup {
  readonly name: string;
  series: number;
  anomalous: number;
}

export interface GroupedSeries {
  /** In their order in the list: by the best of their series, then by name. */
  readonly groups: readonly SeriesGroup[];
  /** Those of the groups that are not folded. */
  readonly unfolded: readonly SelectedSeries[];
  /** Where the group of a series is in the order. */
  readonly placeOf: (one: SelectedSeries) => number;
}

/** Puts series into groups. Other requests go on meanwhile. */
export async function groupSeries(
  selected: readonly SelectedSeries[],
  order: SeriesOrder,
  { label, folded, except }: Grouping,
  work: ReadWork,
): Promise<GroupedSeries> {
  const names = new Map<SelectedSeries, string>();
  const nameOf = (one: SelectedSeries) => names.get(one)!;
  const groups = new Map<string, SeriesGroup & { rank: number }>();
  for (const one of selected) {
    if (work.isSliceOver) await work.pause();
    const name = labelValue(one.labels, label);
    names.set(one, name);
    const group = groups.get(name) ?? { name, series: 0, anomalous: 0, rank: Number.NEGATIVE_INFINITY };
    groups.set(name, group);
    group.series++;
    if (one.status.alarm !== undefined) group.anomalous++;
    group.rank = Math.max(group.rank, rankOf(one, order));
  }
  const sorted = [...groups.values()].sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1));
  const places = new Map(sorted.map(({ name }, place) => [name, place]));
  const isFolded = (name: string) => (folded === 'all') !== except.has(name);
  return {
    groups: sorted.map(({ name, series, anomalous }) => ({ name, series, anomalous })),
    unfolded: selected.filter((one) => !isFolded(nameOf(one))),
    placeOf: (one) => places.get(nameOf(one))!,
  };
}
