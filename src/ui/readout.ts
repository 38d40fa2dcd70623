import type { CurveJson } from '../http/api.js';
import { nearestIndex } from './chart-data.js';
import { h, setText } from './dom.js';
import { bandFormatter, formatBand, formatScore } from './format.js';
import { localDayTime, utcDateTime } from './times.js';
import { unitOf } from './units.js';

/** The values under the cursor, in one line that does not move. */
export class Readout {
  readonly element = h('div', { class: 'readout' });
  readonly #time = h('span', { class: 'readout-time' });
  readonly #observed = h('b');
  readonly #expected = h('b');
  readonly #band = h('b');
  readonly #score = h('b');
  #curve: CurveJson | undefined;
  #at: number | undefined;
  #reach = 0;

  constructor() {
    const item = (name: string, key: string, value: HTMLElement) =>
      h('span', { class: 'readout-item' }, h('i', { class: `key ${key}` }), `${name} `, value);
    this.element.append(
      this.#time,
      item('observed', 'key-observed', this.#observed),
      item('expected', 'key-expected', this.#expected),
      item('band', 'key-band', this.#band),
      item('score', 'key-alarm', this.#score),
    );
  }

  of(curve: CurveJson): void {
    this.#curve = curve;
    this.#write();
  }

  /**
   * Tells the values at `time`: of those within `reach` seconds the one with the highest score, for it is what the
   * reader points at. Without a time, the newest. `aloud`: also to those who cannot see it, for they asked by a key.
   */
  at(time: number | undefined, reach = 0, aloud = false): void {
    this.element.setAttribute('aria-live', aloud ? 'polite' : 'off');
    this.#at = time;
    this.#reach = reach;
    this.#write();
  }

  #write(): void {
    if (this.#curve === undefined) return;
    const { metric, aggregate, observed, forecast, step, resolution } = this.#curve;
    const newest = observed.times.at(-1);
    const time = this.#at ?? newest;
    if (time === undefined) return;
    const i = worstWithin(observed, time, this.#reach);
    const isObserved = i >= 0 && Math.abs(observed.times[i]! - time) <= Math.max(step, resolution);
    // The time of the value, rather than of the pixel.
    const shown = isObserved ? observed.times[i]! : time;
    const j = forecast === undefined ? -1 : nearestIndex(forecast.times, shown);
    const value = isObserved ? (observed.values[i] ?? null) : null;
    const [yhat, lower, upper] = [forecast?.yhat[j], forecast?.yhat_lower[j], forecast?.yhat_upper[j]];
    const values = [value, lower ?? null, upper ?? null];
    const format = bandFormatter(unitOf(metric.__name__ ?? '', aggregate), values);
    setText(this.#time, localDayTime(shown));
    this.#time.title = utcDateTime(shown);
    setText(this.#observed, format(value));
    setText(this.#expected, format(yhat ?? null));
    setText(this.#band, formatBand(format, lower ?? null, upper ?? null));
    setText(this.#score, formatScore(isObserved ? (observed.anomaly_score[i] ?? null) : null));
  }
}

/** Index of the highest score within `reach` of `time`, else of the time nearest to it. */
function worstWithin({ times, anomaly_score: scores }: CurveJson['observed'], time: number, reach: number): number {
  let worst = nearestIndex(times, time);
  for (let i = nearestIndex(times, time - reach); i >= 0 && i < times.length && times[i]! <= time + reach; i++) {
    if (times[i]! >= time - reach && (scores[i] ?? 0) > Math.max(1, scores[worst] ?? 0)) worst = i;
  }
  return worst;
}
