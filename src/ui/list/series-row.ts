import type { SeriesJson } from '../../http/api/api.js';
import { h, setAttribute, setText } from '../lib/dom.js';
import { formatInterval, formatScore, intervalFormatter } from '../lib/format.js';
import { labelsText } from '../lib/promql.js';
import { unitOf } from '../lib/units.js';

/** The gauge of a row ends this many half-intervals from what is expected. */
const GAUGE_REACH = 3;

/** How a series stands, in one word that also is a class name of the style sheet. */
export type Status = 'above' | 'below' | 'inside' | 'learning' | 'ended' | 'unknown';

/** `above` and `below` are outside the interval. */
export function statusOf({ state, last }: SeriesJson): Status {
  if (state !== 'forecasting') return state;
  if (last.anomaly_score === null) return 'unknown';
  if (last.anomaly_score <= 1) return 'inside';
  return (last.value ?? 0) >= (last.yhat ?? 0) ? 'above' : 'below';
}

/** One row of the list; rows are used again for other series as the list is scrolled. */
export class SeriesRow {
  readonly element = h('div', { class: 'row', role: 'option' });
  readonly #name = h('span', { class: 'row-name' });
  readonly #labels = h('span', { class: 'row-labels' });
  readonly #score = h('span', { class: 'row-score' });
  readonly #value = h('span', { class: 'row-value' });
  readonly #interval = h('span', { class: 'row-interval' });
  readonly #mark = h('i');
  readonly #gauge = h('span', { class: 'gauge' }, this.#mark);

  constructor(id: string) {
    this.element.id = id;
    this.element.append(
      h('span', { class: 'row-line' }, this.#name, this.#value, this.#score),
      h('span', { class: 'row-line' }, this.#labels, this.#interval, this.#gauge),
    );
  }

  show(series: SeriesJson): void {
    const { metric, last } = series;
    const status = statusOf(series);
    const name = metric.__name__ ?? '';
    const format = intervalFormatter(unitOf(name, series.aggregate), [last.value, last.yhat_lower, last.yhat_upper]);
    const labels = labelsText(metric);
    const score = scoreText(status, last.anomaly_score);
    setText(this.#name, name);
    setText(this.#labels, labels);
    setText(this.#score, score);
    setText(this.#value, format(last.value));
    setText(this.#interval, formatInterval(format, last.yhat_lower, last.yhat_upper));
    setAttribute(this.#gauge, 'hidden', last.anomaly_score === null ? '' : undefined);
    this.#mark.style.left = `${gaugePercent(last)}%`;
    this.element.dataset.status = status;
    const expected = `expected ${format(last.yhat_lower)} to ${format(last.yhat_upper)}`;
    setAttribute(this.element, 'aria-label', `${name} ${labels}: ${format(last.value)}, ${expected}, ${score}`);
    setAttribute(this.element, 'title', `${name}{${labels}}\n${expected}\nrule ${series.rule}`);
  }
}

function scoreText(status: Status, score: number | null): string {
  if (status === 'learning' || status === 'ended') return status;
  if (status === 'above') return `▲ ${formatScore(score)}`;
  if (status === 'below') return `▼ ${formatScore(score)}`;
  return formatScore(score);
}

/** Where on the gauge a value is: 50 is what is expected. */
function gaugePercent({ value, yhat, anomaly_score: score }: SeriesJson['last']): number {
  const signed = (score ?? 0) * ((value ?? 0) >= (yhat ?? 0) ? 1 : -1);
  return 50 + (50 * Math.max(-GAUGE_REACH, Math.min(GAUGE_REACH, signed))) / GAUGE_REACH;
}
