import type { AlarmLaneJson } from '../../http/api/json/alarms.js';
import { h, setAttribute, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 14;

/** One group of series in the time line: its name, which narrows the list, and its alarms over time. */
export class Lane {
  readonly element = h('div', { class: 'lane' });
  readonly #name = h('span', { class: 'lane-name' });
  readonly #count = h('span', { class: 'lane-count' });
  readonly #button: HTMLButtonElement;
  readonly #bars = document.createElementNS(SVG, 'path');
  #shown = '';
  #value = '';

  constructor(chosen: (name: string) => void) {
    this.#button = h(
      'button',
      { type: 'button', class: 'quiet', click: () => chosen(this.#value) },
      this.#name,
      this.#count,
    );
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'lane-bars');
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(this.#bars);
    this.element.append(this.#button, svg);
  }

  /** `max`: the highest count of all lanes, which is drawn at full height. */
  show(lane: AlarmLaneJson, max: number): void {
    const { name, series, anomalous, alarms, counts } = lane;
    this.#value = name;
    const title = name === '' ? '(without)' : name;
    setText(this.#name, title);
    setText(
      this.#count,
      anomalous > 0 ? `${formatCount(anomalous)} of ${formatCount(series)}` : series > 0 ? formatCount(series) : '',
    );
    const now = series > 0 ? `${formatCount(series)} series, ${formatCount(anomalous)} in alarm now, ` : '';
    const said = `${title}: ${now}${formatCount(alarms)} ${alarms === 1 ? 'alarm' : 'alarms'} in this time`;
    setAttribute(this.#button, 'aria-label', `${said}. Shows these series alone.`);
    setAttribute(this.#button, 'title', said);
    const path = barsPath(counts, max);
    if (path === this.#shown) return;
    this.#shown = path;
    this.#bars.setAttribute('d', path);
    this.#bars.ownerSVGElement?.setAttribute('viewBox', `0 0 ${counts.length} ${HEIGHT}`);
  }
}

/** A bar for each count, one unit wide; one alarm is seen beside hundreds, because heights grow with the square root. */
function barsPath(counts: readonly number[], max: number): string {
  return counts
    .map((count, i) => {
      if (count === 0) return '';
      const height = Math.max(4, HEIGHT * Math.sqrt(count / Math.max(1, max)));
      return `M${i} ${HEIGHT}v${-height.toFixed(1)}h1V${HEIGHT}z`;
    })
    .join('');
}
