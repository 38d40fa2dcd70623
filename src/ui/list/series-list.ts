import type { SeriesJson } from '../../http/api/json/series.js';
import { h, setAttribute } from '../lib/dom.js';
import { seriesText } from '../lib/promql.js';
import { SeriesRow } from './series-row.js';
import { sharedLabels } from './shared-labels.js';

/** Height of a row in CSS pixels; the style sheet has the same. */
const ROW_HEIGHT = 52;
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

export interface SeriesListEvents {
  /** `browse`: by arrow keys, on the way through the list; `pick`: by a click or Enter. */
  readonly chosen: (series: string, how: 'browse' | 'pick') => void;
  /** The end of the rows comes into sight, and there are more on the server; or rows come into sight that have no sparkline. */
  readonly moreWanted: () => void;
}

/** The list of series: a listbox that holds only the rows in sight, however many series there are. */
export class SeriesList {
  readonly element = h('div', { class: 'list', role: 'listbox', tabindex: '0', 'aria-label': 'Series' });
  readonly #rail = h('div', { class: 'list-rail', role: 'presentation' });
  readonly #events: SeriesListEvents;
  readonly #rows: SeriesRow[] = [];
  #entries: Entry[] = [];
  #total = 0;
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

  /** Shows series in the order they come; `total` is how many there are on the server. */
  show(series: readonly SeriesJson[], total: number): void {
    const sparklines = new Map(this.#entries.map(({ key, series: { sparkline } }) => [key, sparkline]));
    const entries = series.map((one) => {
      const key = seriesText(one.metric);
      // Those out of sight keep the one they had.
      return { key, series: one.sparkline === undefined ? { ...one, sparkline: sparklines.get(key) } : one };
    });
    this.#shared = sharedLabels(series);
    this.#entries = performance.now() - this.#pointerMs < HOLD_ORDER_MS ? this.#asBefore(entries) : entries;
    this.#total = total;
    this.#rail.style.height = `${this.#entries.length * ROW_HEIGHT}px`;
    this.#render();
  }

  /** How many rows there have to be for what is in sight, from the first one on. */
  get rowsInSight(): number {
    return Math.ceil((this.element.scrollTop + this.element.clientHeight) / ROW_HEIGHT);
  }

  /** The rows in sight and near it, as the API is asked for their sparklines. */
  get sparklineRows(): string {
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_HEIGHT) - OVERSCAN);
    return `${first}-${Math.min(first + MAX_SPARKLINES, this.rowsInSight + OVERSCAN)}`;
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
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - OVERSCAN);
    const end = Math.min(this.#entries.length, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + OVERSCAN);
    while (this.#rows.length < end - first) {
      const row = new SeriesRow(`row-${this.#rows.length}`);
      this.#rows.push(row);
      this.#rail.append(row.element);
    }
    let active: string | undefined;
    let lacksSparkline = false;
    for (const [place, { element }] of this.#rows.entries()) element.hidden = place >= end - first;
    for (let i = first; i < end; i++) {
      const row = this.#rows[i - first]!;
      const { key, series } = this.#entries[i]!;
      row.show(series, this.#shared);
      if (series.sparkline === undefined && series.last.time !== null) lacksSparkline = true;
      row.element.style.transform = `translateY(${i * ROW_HEIGHT}px)`;
      row.element.dataset.index = String(i);
      setAttribute(row.element, 'aria-posinset', String(i + 1));
      setAttribute(row.element, 'aria-setsize', String(this.#total));
      setAttribute(row.element, 'aria-selected', String(key === this.#chosen));
      if (key === this.#chosen) active = row.element.id;
    }
    setAttribute(this.element, 'aria-activedescendant', active);
    clearTimeout(this.#sparklinesWanted);
    if (lacksSparkline) this.#sparklinesWanted = setTimeout(this.#events.moreWanted, SCROLL_REST_MS);
    if (end > this.#entries.length - OVERSCAN && this.#entries.length < this.#total) this.#events.moreWanted();
  }

  #clicked(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('.row');
    const entry = this.#entries[Number(row?.dataset.index)];
    if (entry !== undefined) this.#events.chosen(entry.key, 'pick');
  }

  #keyPressed(event: KeyboardEvent): void {
    const at = this.#entries.findIndex(({ key }) => key === this.#chosen);
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 1);
    const last = this.#entries.length - 1;
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
    const entry = this.#entries[Math.max(0, Math.min(last, to))]!;
    this.#reveal(this.#entries.indexOf(entry));
    this.#events.chosen(entry.key, event.key === 'Enter' ? 'pick' : 'browse');
  }

  #reveal(index: number): void {
    const top = index * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.element.scrollTop = top + ROW_HEIGHT - clientHeight;
  }
}
