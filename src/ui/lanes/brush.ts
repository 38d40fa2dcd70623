import { h, setAttribute } from '../lib/dom.js';
import { localDayTime } from '../lib/times.js';
import type { TimeWindow } from '../lib/view.js';

/** A step of the arrow keys, in parts of the time line. */
const KEY_STEP = 1 / 48;

/** Lies over the lanes: a drag, or arrow keys, choose a window of time. */
export class Brush {
  readonly element = h('div', {
    class: 'brush',
    tabindex: '0',
    role: 'slider',
    'aria-label': 'Window of time: arrow keys move it, with Shift they change its length, Escape takes it away',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
  });
  readonly #selection = h('div', { class: 'brush-selection', hidden: true });
  readonly #chosen: (window: TimeWindow | undefined) => void;
  #span: TimeWindow = { start: 0, end: 1 };
  #window: TimeWindow | undefined;
  #dragFrom: number | undefined;

  constructor(chosen: (window: TimeWindow | undefined) => void) {
    this.#chosen = chosen;
    this.element.append(this.#selection);
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.element.setPointerCapture(event.pointerId);
      this.#dragFrom = this.#timeAt(event);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (this.#dragFrom !== undefined) this.#draw(between(this.#dragFrom, this.#timeAt(event)));
    });
    this.element.addEventListener('pointerup', (event) => this.#dropped(event));
    this.element.addEventListener('pointercancel', () => {
      this.#dragFrom = undefined;
      this.#draw(this.#window);
    });
    this.element.addEventListener('keydown', (event) => this.#keyPressed(event));
  }

  /** `span`: the time that the lanes show. */
  show(span: TimeWindow, window: TimeWindow | undefined): void {
    this.#span = span;
    this.#window = window;
    if (this.#dragFrom === undefined) this.#draw(window);
  }

  #dropped(event: PointerEvent): void {
    if (this.#dragFrom === undefined) return;
    const { start, end } = between(this.#dragFrom, this.#timeAt(event));
    this.#dragFrom = undefined;
    const length = this.#span.end - this.#span.start;
    // A click is a short window, for one cannot drag to a point.
    const margin = end - start < length / 200 ? (length * KEY_STEP) / 2 : 0;
    this.#chosen({ start: Math.floor(start - margin), end: Math.ceil(end + margin) });
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { start, end } = this.#span;
    const step = (end - start) * KEY_STEP;
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (event.key === 'Escape' && this.#window !== undefined) this.#chosen(undefined);
    else if (direction === 0) return;
    else if (this.#window === undefined) this.#chosen({ start: Math.floor(end - step), end: Math.ceil(end) });
    else {
      const moved = event.shiftKey ? this.#window.start : this.#window.start + direction * step;
      const to = Math.max(moved + step / 2, this.#window.end + direction * step);
      this.#chosen({ start: Math.floor(moved), end: Math.ceil(to) });
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #timeAt(event: PointerEvent): number {
    const { left, width } = this.element.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - left) / Math.max(1, width)));
    return this.#span.start + share * (this.#span.end - this.#span.start);
  }

  #draw(window: TimeWindow | undefined): void {
    this.#selection.hidden = window === undefined;
    const { start, end } = this.#span;
    const percent = (time: number) => Math.max(0, Math.min(100, (100 * (time - start)) / (end - start)));
    const [from, to] = window === undefined ? [100, 100] : [percent(window.start), percent(window.end)];
    this.#selection.style.left = `${from}%`;
    this.#selection.style.width = `${to - from}%`;
    const said =
      window === undefined ? 'the whole time' : `${localDayTime(window.start)} to ${localDayTime(window.end)}`;
    setAttribute(this.element, 'aria-valuenow', String(Math.round(from)));
    setAttribute(this.element, 'aria-valuetext', said);
  }
}

function between(a: number, b: number): TimeWindow {
  return { start: Math.min(a, b), end: Math.max(a, b) };
}
