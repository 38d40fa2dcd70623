import type { SeriesGroupJson } from '../../http/api/json/series.js';
import { h, setAttribute, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';

/** The heading of a group of series, with how many there are; they are used again as the list is scrolled. */
export class GroupHead {
  readonly element = h('div', { class: 'group-head', role: 'option', 'aria-selected': 'false' });
  readonly #name = h('span', { class: 'group-name' });
  readonly #alarms = h('span', { class: 'group-alarms' });
  readonly #count = h('span', { class: 'group-count' });

  constructor(id: string) {
    this.element.id = id;
    this.element.append(this.#name, this.#alarms, this.#count);
  }

  show(label: string, { name, series, anomalous }: SeriesGroupJson, isFolded: boolean): void {
    const title = name === '' ? `(without ${label})` : name;
    const alarms = anomalous === 0 ? '' : `${formatCount(anomalous)} in alarm`;
    setText(this.#name, title);
    setText(this.#alarms, alarms);
    setText(this.#count, formatCount(series));
    this.element.dataset.folded = String(isFolded);
    const said = `${label === '__name__' ? 'metric' : label} ${title}, ${formatCount(series)} series${alarms === '' ? '' : `, ${alarms}`}`;
    setAttribute(this.element, 'aria-label', `${said}, ${isFolded ? 'folded' : 'unfolded'}`);
    setAttribute(this.element, 'title', said);
  }
}
