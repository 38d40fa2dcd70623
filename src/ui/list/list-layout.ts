import type { SeriesGroupJson } from '../../http/api/json/series.js';

/** Heights in CSS pixels; the style sheet has the same. */
export const ROW_HEIGHT = 52;
export const HEAD_HEIGHT = 34;

/** The heading of a group, or a row: the place of its series among those that are loaded. */
export type ListItem =
  | { readonly kind: 'head'; readonly top: number; readonly group: SeriesGroupJson; readonly isFolded: boolean }
  | { readonly kind: 'row'; readonly top: number; readonly place: number };

/** How the list is grouped. */
export interface ListGroups {
  readonly groups: readonly SeriesGroupJson[];
  readonly groupOf: (place: number) => string;
  readonly isFolded: (name: string) => boolean;
}

export interface ListLayout {
  readonly items: readonly ListItem[];
  readonly height: number;
}

/**
 * Puts `rows` rows below each other, each group below its heading. Series come group by group, so that behind the first
 * group that is not loaded as a whole nothing is known yet.
 */
export function layOut(rows: number, grouped: ListGroups | undefined): ListLayout {
  const items: ListItem[] = [];
  let top = 0;
  const row = (place: number) => {
    items.push({ kind: 'row', top, place });
    top += ROW_HEIGHT;
  };
  if (grouped === undefined) {
    for (let place = 0; place < rows; place++) row(place);
    return { items, height: top };
  }
  const places = new Map<string, number[]>();
  for (let place = 0; place < rows; place++) {
    const name = grouped.groupOf(place);
    const group = places.get(name);
    if (group === undefined) places.set(name, [place]);
    else group.push(place);
  }
  for (const group of grouped.groups) {
    const isFolded = grouped.isFolded(group.name);
    const loaded = isFolded ? [] : (places.get(group.name) ?? []);
    items.push({ kind: 'head', top, group, isFolded });
    top += HEAD_HEIGHT;
    for (const place of loaded) row(place);
    if (!isFolded && loaded.length < group.series) break;
  }
  return { items, height: top };
}

/** Index of the first item that ends below `y`; as many as there are items where none does. */
export function itemAt({ items, height }: ListLayout, y: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle + 1]?.top ?? height) <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
