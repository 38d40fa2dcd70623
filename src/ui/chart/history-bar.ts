import type { SummaryJson } from '../../http/api/json/series.js';
import { h, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';

/** A slim bar that shows, while history is read, how many series have theirs. */
export class HistoryBar {
  readonly #text = h('span', {});
  readonly #bar = h('progress', { max: '1', value: '0', 'aria-label': 'Series whose history has been read' });
  readonly element = h('p', { class: 'history', hidden: true }, this.#text, this.#bar);

  show(history: SummaryJson['history']): void {
    this.element.hidden = history === undefined;
    if (history === undefined) return;
    const { done, total } = history;
    setText(this.#text, `history: ${formatCount(Math.floor(done))} of ${formatCount(total)} series`);
    this.#bar.value = done / total;
  }
}
