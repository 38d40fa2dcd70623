import type { SummaryJson } from '../http/api/json/series.js';
import { h, setText } from './lib/dom.js';
import { formatCount } from './lib/format.js';
import type { AlarmFilter } from './lib/view.js';

/** The counts of the header; a click on one lists the series that it counts. */
export class Summary {
  readonly element = h('div', { class: 'summary' });
  readonly #counts: Readonly<Record<'all' | 'any' | 'learning' | 'ended', HTMLButtonElement>>;
  readonly #full = h('span', { role: 'status' });

  constructor(chosen: (alarm: AlarmFilter | undefined) => void) {
    const count = (filter: AlarmFilter | undefined) =>
      h('button', { type: 'button', class: 'quiet count-of', hidden: true, click: () => chosen(filter) });
    this.#counts = { all: count(undefined), any: count('any'), learning: count('learning'), ended: count('ended') };
    this.element.append(...Object.values(this.#counts), this.#full);
  }

  show({ series, anomalous, learning, ended, full, unmatched }: SummaryJson): void {
    const { all, any, learning: isLearning, ended: hasEnded } = this.#counts;
    const show = (button: HTMLButtonElement, isShown: boolean, text: string) => {
      button.hidden = !isShown;
      setText(button, text);
    };
    show(all, series > 0, `${formatCount(series)} series`);
    all.title = unmatched === undefined ? '' : `${formatCount(unmatched.series)} more arrive that no rule matches`;
    show(any, series > 0, anomalous === 0 ? 'none in alarm' : `${formatCount(anomalous)} in alarm`);
    any.dataset.alarm = String(anomalous > 0);
    show(isLearning, learning > 0, `${formatCount(learning)} learning`);
    show(hasEnded, ended > 0, `${formatCount(ended)} ended`);
    setText(this.#full, full === undefined ? '' : FULL[full]);
  }
}

const FULL: Readonly<Record<NonNullable<SummaryJson['full']>, string>> = {
  series_limit: 'new series are refused: receiver.max_series is reached',
  memory_limit: 'new series are refused: the memory budget is used up',
};
