import type { AlarmKind } from '../../http/api/json/alarms.js';
import type { SeriesJson } from '../../http/api/json/series.js';
import { h, setAttribute, setText } from '../lib/dom.js';
import { formatInterval, formatScore, intervalFormatter } from '../lib/format.js';
import { limitTexts } from '../lib/limit-text.js';
import { labelsText } from '../lib/promql.js';
import { unitOf } from '../lib/units.js';
import { BEYOND, fullText } from './full-text.js';
import { Sparkline } from './sparkline.js';

/** How a series stands, in one word that also is a class name of the style sheet. */
export type Status = 'above' | 'below' | 'odd' | 'usual' | 'learning' | 'ended' | 'unknown';

/** Kinds of alarms for which it matters on which side of the forecast the value is. */
const SIDED: readonly AlarmKind[] = ['value', 'jump', 'limit'];

/** `above`, `below` and `odd` are in alarm: above or below the forecast, or for what the value itself does not show. */
export function statusOf({ state, alarm, last }: Pick<SeriesJson, 'state' | 'alarm' | 'last'>): Status {
  if (state !== 'forecasting') return state;
  if (last.anomaly_score === null) return 'unknown';
  if (alarm === undefined) return 'usual';
  if (!SIDED.includes(alarm.kind)) return 'odd';
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
  readonly #kind = h('span', { class: 'row-kind' });
  readonly #full = h('span', { class: 'row-full' });
  readonly #sparkline = new Sparkline();
  readonly #mark = h('i');
  readonly #gauge = h('span', { class: 'gauge' }, this.#mark);

  constructor(id: string) {
    this.element.id = id;
    this.element.append(
      this.#name,
      this.#value,
      this.#labels,
      this.#interval,
      this.#full,
      this.#sparkline.element,
      this.#score,
      this.#kind,
      this.#gauge,
    );
  }

  /** Of its labels the values, and of those that all of the list share none; the title has them all, with their names. */
  show(series: SeriesJson, sharedLabels: ReadonlySet<string>): void {
    const { metric, last, alarm } = series;
    const status = statusOf(series);
    const name = metric.__name__ ?? '';
    const format = intervalFormatter(unitOf(name, series.aggregate), [last.value, last.yhat_lower, last.yhat_upper]);
    const labels = labelsText(metric);
    const score = scoreText(status, last.anomaly_score);
    setText(this.#name, name);
    const own = Object.entries(metric).filter(([label]) => label !== '__name__' && !sharedLabels.has(label));
    setText(this.#labels, own.map(([, value]) => value).join(' · '));
    this.#sparkline.show(series.sparkline);
    const full = fullText(series);
    setText(this.#full, full);
    const limits = limitTexts(series);
    setAttribute(this.#full, 'title', limits.length === 0 ? undefined : limits.join('\n'));
    setText(this.#score, score);
    setText(this.#value, format(last.value));
    setText(this.#interval, formatInterval(format, last.yhat_lower, last.yhat_upper));
    // In alarm the gauge would be full; why it is one says more.
    setText(this.#kind, alarm?.kind ?? '');
    this.#kind.hidden = alarm === undefined;
    this.#gauge.hidden = last.anomaly_score === null || alarm !== undefined;
    this.#mark.style.left = `${gaugePercent(last)}%`;
    this.element.dataset.status = status;
    const expected = `expected ${format(last.yhat_lower)} to ${format(last.yhat_upper)}`;
    const why = alarm === undefined ? '' : `, ${alarm.kind}`;
    const soon = full === '' || full === BEYOND ? '' : `, ${full}`;
    setAttribute(
      this.element,
      'aria-label',
      `${name} ${labels}: ${format(last.value)}, ${expected}, ${score}${why}${soon}`,
    );
    const reason = alarm === undefined ? '' : `\n${alarm.reason}`;
    setAttribute(this.element, 'title', `${name}{${labels}}\n${expected}${reason}\nrule ${series.rule}`);
  }
}

function scoreText(status: Status, score: number | null): string {
  if (status === 'learning' || status === 'ended') return status;
  if (status === 'above') return `▲ ${formatScore(score)}`;
  if (status === 'below') return `▼ ${formatScore(score)}`;
  if (status === 'odd') return `● ${formatScore(score)}`;
  return formatScore(score);
}

/** Where on the gauge a value is: the interval is its middle third, and its ends are one interval further. */
export function gaugePercent({ value, yhat_lower: lower, yhat_upper: upper }: SeriesJson['last']): number {
  if (value === null || lower === null || upper === null) return 50;
  // An interval without width has only what is at it, above and below.
  const place = upper > lower ? (value - lower) / (upper - lower) : 0.5 + 1.5 * Math.sign(value - upper);
  return (100 * (1 + Math.max(-1, Math.min(2, place)))) / 3;
}
