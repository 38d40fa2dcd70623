import { h, setAttribute, setText } from '../lib/dom.js';
import { formatDuration, localDateTime, utcDateTime } from '../lib/times.js';
import { aheadChoices, BACK_CHOICES, LIVE, liveReach, type ViewRange } from '../lib/view.js';
import type { SeriesPace } from './forecast-request.js';

/** How far back and how far ahead is shown; and, while a fixed range is, the way back to live. */
export class RangeBar {
  readonly element = h('div', { class: 'ranges' });
  readonly #chosen: (range: ViewRange) => void;
  readonly #back = h('div', { class: 'choices', role: 'group', 'aria-label': 'How far back' });
  readonly #ahead = h('div', { class: 'choices', role: 'group', 'aria-label': 'How far ahead' });
  readonly #fixed = h('span', { class: 'fixed-range' });
  readonly #live = h('button', { type: 'button', class: 'live' }, 'Back to live');

  constructor(chosen: (range: ViewRange) => void) {
    this.#chosen = chosen;
    this.#live.addEventListener('click', () => chosen(LIVE));
    this.element.append(this.#back, this.#ahead, this.#fixed, this.#live);
  }

  show(range: ViewRange, series: SeriesPace, now: number): void {
    const isFixed = range.kind === 'fixed';
    this.#fixed.hidden = !isFixed;
    this.#live.hidden = !isFixed;
    if (isFixed) {
      setText(this.#fixed, `${localDateTime(range.start)} – ${localDateTime(range.end)}`);
      this.#fixed.title = `${utcDateTime(range.start)} – ${utcDateTime(range.end)}`;
    }
    const reach = isFixed ? undefined : liveReach(range, series, now);
    const wanted = range.kind === 'live' ? range : LIVE;
    this.#choices(this.#back, 'Back', BACK_CHOICES, reach?.back, (back) => ({ ...wanted, back }));
    this.#choices(this.#ahead, 'Ahead', aheadChoices(series.horizon), reach?.ahead, (ahead) => ({ ...wanted, ahead }));
  }

  #choices(
    group: HTMLElement,
    title: string,
    seconds: readonly number[],
    current: number | undefined,
    rangeOf: (seconds: number) => ViewRange,
  ): void {
    const texts = seconds.map(formatDuration);
    if (group.dataset.choices !== texts.join()) {
      group.dataset.choices = texts.join();
      group.replaceChildren(
        h('span', { class: 'choices-title' }, title),
        ...texts.map((text) => h('button', { type: 'button' }, text)),
      );
    }
    group.querySelectorAll('button').forEach((button, i) => {
      setAttribute(button, 'aria-pressed', String(seconds[i] === current));
      button.onclick = () => this.#chosen(rangeOf(seconds[i]!));
    });
  }
}
