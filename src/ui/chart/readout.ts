import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import { h, setText } from '../lib/dom.js';
import { formatInterval, formatScore, intervalFormatter } from '../lib/format.js';
import { localDayTime, utcDateTime } from '../lib/times.js';
import { unitOf } from '../lib/units.js';
import { bandsAt, bandsOf } from './bands.js';
import { nearestIndex } from './chart-data.js';
import { eventLabel, eventsAt } from './marks.js';
import { type Pointed, pointedAt } from './pointing.js';

/** The values under the cursor, in one line that does not move. */
export class Readout {
  readonly element = h('div', { class: 'readout' });
  readonly #time = h('span', { class: 'readout-time' });
  readonly #observed = h('b');
  readonly #expected = h('b');
  readonly #interval = h('b');
  readonly #score = h('b');
  readonly #bands = h('span', { class: 'readout-bands', hidden: true });
  readonly #events = h('span', { class: 'readout-events', hidden: true });
  #curve: ForecastSeriesJson | undefined;
  #at: number | undefined;
  #reach = 0;

  constructor() {
    const item = (name: string, key: string, value: HTMLElement) =>
      h('span', { class: 'readout-item' }, h('i', { class: `key ${key}` }), `${name} `, value);
    this.element.append(
      this.#time,
      item('observed', 'key-observed', this.#observed),
      item('expected', 'key-expected', this.#expected),
      item('interval', 'key-interval', this.#interval),
      item('score', 'key-alarm', this.#score),
      this.#bands,
      this.#events,
    );
  }

  of(curve: ForecastSeriesJson): void {
    this.#curve = curve;
    this.#write();
  }

  /**
   * Shows the values at `time`, or what within `reach` seconds is pointed at. Without a time, the newest. `aloud`: also
   * to those who cannot see it, because they asked by a key.
   */
  at(time: number | undefined, reach = 0, aloud = false): void {
    this.element.setAttribute('aria-live', aloud ? 'polite' : 'off');
    this.#at = time;
    this.#reach = reach;
    this.#write();
  }

  /** What it shows, if anything. */
  get pointed(): Pointed | undefined {
    const time = this.#at ?? this.#curve?.observed.times.at(-1);
    return time === undefined ? undefined : pointedAt(this.#curve!, time, this.#reach);
  }

  #write(): void {
    const { pointed } = this;
    if (this.#curve === undefined || pointed === undefined) return;
    const { metric, aggregate, observed, forecast, alarms, events: happened, last, step } = this.#curve;
    const { time, index: i } = pointed;
    const j = forecast === undefined ? -1 : nearestIndex(forecast.times, time);
    const value = i === undefined ? null : (observed.values[i] ?? null);
    const [yhat, lower, upper] = [forecast?.yhat[j], forecast?.yhat_lower[j], forecast?.yhat_upper[j]];
    const values = [value, lower ?? null, upper ?? null];
    const format = intervalFormatter(unitOf(metric.__name__ ?? '', aggregate), values);
    const isOpen = i !== undefined && last.time !== null && time > last.time;
    setText(this.#time, `${localDayTime(time)}${isOpen ? ' open' : ''}`);
    this.#time.title = `${utcDateTime(time)}${isOpen ? ': not scored yet' : ''}`;
    setText(this.#observed, format(value));
    setText(this.#expected, format(yhat ?? null));
    setText(this.#interval, formatInterval(format, lower ?? null, upper ?? null));
    const score = formatScore(i === undefined ? null : (observed.anomaly_score[i] ?? null));
    const alarm = alarms.find(({ start, end, suppressed }) => !suppressed && time > start && time <= end);
    setText(this.#score, alarm === undefined ? score : `${score} (alarm: ${alarm.kind})`);
    const bands = bandsOf(this.#curve);
    const here = bandsAt(bands, time).map(({ text }) => text);
    const events = eventsAt(happened, this.#at ?? time, Math.max(this.#reach, step));
    // Their lines stay where there may be something to say, so that the chart does not move.
    this.#bands.hidden = bands.length === 0;
    this.#events.hidden = happened.length === 0;
    setText(this.#bands, here.join('; '));
    setText(this.#events, events.map(eventLabel).join('; '));
  }
}
