import type { SeriesGroupJson, SeriesJson } from '../../http/api/json/series.js';
import { h, setAttribute } from '../lib/dom.js';
import { seriesText } from '../lib/promql.js';
import { GroupHead } from './group-head.js';
import { HEAD_HEIGHT, itemAt, type ListItem, type ListLayout, layOut, ROW_HEIGHT } from './list-layout.js';
import { SeriesRow } from './series-row.js';
import { sharedLabels } from './shared-labels.js';

/** Rows beyond the visible ones, so that a scroll finds them ready. */
const OVERSCAN = 6;
/** As many as the API answers at once. */
const MAX_SPARKLINES = 100;
/** A scroll that goes on asks for nothing. */
const SCROLL_REST_MS = 150;
/**
 * Rows stay where they are while, and shortly after, the pointer moves over them: so that a click does not hit another
 * row.
 */
const HOLD_ORDER_MS = 3000;

/** A series of the list, by its text. */
interface Entry {
  readonly key: string;
  readonly series: SeriesJson;
}

/** The headings of the list: its groups by a label, and which are folded. */
export interface Headings {
  readonly label: string;
  readonly groups: readonly SeriesGroupJson[];
  readonly isFolded: (name: string) => boolean;
}

export interface SeriesListEvents {
  /** `browse`: by arrow keys, on the way through the list; `pick`: by a click or Enter. */
  readonly chosen: (series: string, how: 'browse' | 'pick') => void;
  /** The end of the rows comes into sight, and there are more on the server; or rows come into sight that have no sparkline. */
  readonly moreWanted: () => void;
  /** A heading was clicked, or Enter pressed on it. */
  readonly foldToggled: (group: string) => void;
}

/** The list of series: a listbox that holds only the rows in sight, however many series there are. */
export class SeriesList {
  readonly element = h('div', { class: 'list', role: 'listbox', tabindex: '0', 'aria-label': 'Series' });
  readonly #rail = h('div', { class: 'list-rail', role: 'presentation' });
  readonly #events: SeriesListEvents;
  readonly #rows: SeriesRow[] = [];
  readonly #heads: GroupHead[] = [];
  #entries: Entry[] = [];
  /** Series that there would be rows for if all were loaded. */
  #total = 0;
  #headings: Headings | undefined;
  #layout: ListLayout = { items: [], height: 0 };
  /** The group whose heading the keys are at. */
  #activeGroup: string | undefined;
  #shared: ReadonlySet<string> = new Set();
  #sparklinesWanted: ReturnType<typeof setTimeout> | undefined;
  #chosen: string | undefined;
  #pointerMs = Number.NEGATIVE_INFINITY;
  #frame = 0;

  constructor(events: SeriesListEvents) {
    this.#events = events;
    this.element.append(this.#rail);
    this.element.addEventListener('scroll', () => this.#renderSoon(), { passive: true });
    this.element.addEventListener('pointermove', (event) => {
      this.#pointerMs = event.timeStamp;
    });
    this.element.addEventListener('click', (event) => this.#clicked(event));
    this.element.addEventListener('keydown', (event) => this.#keyPressed(event));
    new ResizeObserver(() => this.#renderSoon()).observe(this.element);
  }

  /** Shows series in the order they come, by groups where there are headings; `total` is how many there are on the server. */
  show(series: readonly SeriesJson[], total: number, headings?: Headings): void {
    const sparklines = new Map(this.#entries.map(({ key, series: { sparkline } }) => [key, sparkline]));
    const entries = series.map((one) => {
      const key = seriesText(one.metric);
      // Those out of sight keep the one they had.
      return { key, series: one.sparkline === undefined ? { ...one, sparkline: sparklines.get(key) } : one };
    });
    // A heading says it of all below.
    this.#shared = new Set([...sharedLabels(series), ...(headings === undefined ? [] : [headings.label])]);
    // A column only where it says something.
    this.element.dataset.limits = String(series.some(({ reaches_limit: limits }) => limits !== undefined));
    this.#entries = performance.now() - this.#pointerMs < HOLD_ORDER_MS ? this.#asBefore(entries) : entries;
    const folded = headings?.groups.filter(({ name }) => headings.isFolded(name)) ?? [];
    this.#total = total - folded.reduce((sum, group) => sum + group.series, 0);
    this.#headings = headings;
    this.#layOut();
    this.#render();
  }

  #layOut(): void {
    const headings = this.#headings;
    this.#layout = layOut(
      this.#entries.length,
      headings && {
        ...headings,
        groupOf: (place) => this.#entries[place]!.series.metric[headings.label] ?? '',
      },
    );
    this.#rail.style.height = `${this.#layout.height}px`;
  }

  /** How many rows there have to be for what is in sight, from the first one on. */
  get rowsInSight(): number {
    const bottom = this.element.scrollTop + this.element.clientHeight;
    const below = Math.max(0, bottom - this.#layout.height);
    return this.#rowsBefore(itemAt(this.#layout, bottom) + 1) + Math.ceil(below / ROW_HEIGHT);
  }

  /** The rows in sight and near it, as the API is asked for their sparklines. */
  get sparklineRows(): string {
    const first = Math.max(0, this.#rowsBefore(itemAt(this.#layout, this.element.scrollTop)) - OVERSCAN);
    return `${first}-${Math.min(first + MAX_SPARKLINES, this.rowsInSight + OVERSCAN)}`;
  }

  /** How many of the items before one are rows. */
  #rowsBefore(end: number): number {
    if (this.#headings === undefined) return Math.min(end, this.#layout.items.length);
    let rows = 0;
    for (const { kind } of this.#layout.items.slice(0, end)) if (kind === 'row') rows++;
    return rows;
  }

  scrollToTop(): void {
    this.element.scrollTop = 0;
  }

  /** The first series of the list, if any. */
  get first(): string | undefined {
    return this.#entries[0]?.key;
  }

  find(key: string): SeriesJson | undefined {
    return this.#entries.find((entry) => entry.key === key)?.series;
  }

  set chosen(key: string | undefined) {
    if (key !== this.#chosen) this.#activeGroup = undefined;
    this.#chosen = key;
    this.#render();
  }

  #asBefore(entries: Entry[]): Entry[] {
    const places = new Map(this.#entries.map(({ key }, place) => [key, place]));
    const place = ({ key }: Entry) => places.get(key) ?? Number.POSITIVE_INFINITY;
    return entries.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }

  #renderSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#render());
  }

  #render(): void {
    const { scrollTop, clientHeight } = this.element;
    const { items } = this.#layout;
    const first = Math.max(0, itemAt(this.#layout, scrollTop) - OVERSCAN);
    const end = Math.min(items.length, itemAt(this.#layout, scrollTop + clientHeight) + 1 + OVERSCAN);
    const shown = items.slice(first, end);
    let active: string | undefined;
    let lacksSparkline = false;
    let [rows, heads] = [0, 0];
    for (const [i, item] of shown.entries()) {
      const element = item.kind === 'head' ? this.#showHead(item, heads++) : this.#showRow(item, rows++);
      element.style.transform = `translateY(${item.top}px)`;
      element.dataset.index = String(first + i);
      if (this.#isActive(item)) active = element.id;
      if (item.kind === 'row') {
        const { series } = this.#entries[item.place]!;
        if (series.sparkline === undefined && series.last.time !== null) lacksSparkline = true;
      }
    }
    for (const [place, { element }] of this.#rows.entries()) element.hidden = place >= rows;
    for (const [place, { element }] of this.#heads.entries()) element.hidden = place >= heads;
    setAttribute(this.element, 'aria-activedescendant', active);
    clearTimeout(this.#sparklinesWanted);
    if (lacksSparkline) this.#sparklinesWanted = setTimeout(this.#events.moreWanted, SCROLL_REST_MS);
    if (end > items.length - OVERSCAN && this.#entries.length < this.#total) this.#events.moreWanted();
  }

  #showRow({ place }: ListItem & { kind: 'row' }, nth: number): HTMLElement {
    let row = this.#rows[nth];
    if (row === undefined) {
      row = new SeriesRow(`row-${nth}`);
      this.#rows.push(row);
      this.#rail.append(row.element);
    }
    const { key, series } = this.#entries[place]!;
    row.show(series, this.#shared);
    setAttribute(row.element, 'aria-posinset', String(place + 1));
    setAttribute(row.element, 'aria-setsize', String(this.#total));
    setAttribute(row.element, 'aria-selected', String(key === this.#chosen));
    return row.element;
  }

  #showHead({ group, isFolded }: ListItem & { kind: 'head' }, nth: number): HTMLElement {
    let head = this.#heads[nth];
    if (head === undefined) {
      head = new GroupHead(`head-${nth}`);
      this.#heads.push(head);
      this.#rail.append(head.element);
    }
    head.show(this.#headings!.label, group, isFolded);
    head.element.dataset.active = String(group.name === this.#activeGroup);
    return head.element;
  }

  /** Whether the keys are at an item. */
  #isActive(item: ListItem): boolean {
    if (this.#activeGroup !== undefined) return item.kind === 'head' && item.group.name === this.#activeGroup;
    return item.kind === 'row' && this.#entries[item.place]!.key === this.#chosen;
  }

  #clicked(event: MouseEvent): void {
    const element = (event.target as Element).closest<HTMLElement>('.row, .group-head');
    const item = this.#layout.items[Number(element?.dataset.index)];
    if (item?.kind === 'head') this.#events.foldToggled(item.group.name);
    else if (item !== undefined) this.#pick(item.place, 'pick');
  }

  #pick(place: number, how: 'browse' | 'pick'): void {
    this.#activeGroup = undefined;
    this.#events.chosen(this.#entries[place]!.key, how);
  }

  #keyPressed(event: KeyboardEvent): void {
    const { items } = this.#layout;
    const at = items.findIndex((item) => this.#isActive(item));
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 1);
    const last = items.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const to = event.key === 'Enter' ? at : moves[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(last, to));
    const item = items[index]!;
    this.#reveal(item);
    if (item.kind === 'row') this.#pick(item.place, event.key === 'Enter' ? 'pick' : 'browse');
    else {
      this.#activeGroup = item.group.name;
      if (event.key === 'Enter') this.#events.foldToggled(item.group.name);
      this.#render();
    }
  }

  #reveal({ kind, top }: ListItem): void {
    const { scrollTop, clientHeight } = this.element;
    const bottom = top + (kind === 'row' ? ROW_HEIGHT : HEAD_HEIGHT);
    if (top < scrollTop) this.element.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.element.scrollTop = bottom - clientHeight;
  }
}
