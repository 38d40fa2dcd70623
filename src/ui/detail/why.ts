import type { ExplanationJson } from '../../http/api/json/explanation.js';
import type { TimeRange } from '../chart/chart.js';
import { h, setText } from '../lib/dom.js';
import { localDayTime, utcDateTime } from '../lib/times.js';
import { rangeAround, readView, type View, writeView } from '../lib/view.js';
import type { ExcludableTime } from './exclude-time.js';
import { spanText, verdict } from './explanation-text.js';
import { whyFacts, whyFigures } from './why-facts.js';

export interface WhyEvents {
  /** The reader knows better about the time that is explained. */
  readonly excludeOpened: () => void;
  readonly closed: () => void;
  /** The reader follows a link to another time or series. */
  readonly followed: (view: View) => void;
}

/** Why a step was, or was not, an alarm: a panel that is there while one is asked about. */
export class Why {
  readonly element = h('section', { class: 'why', tabindex: '-1', 'aria-labelledby': 'why-title', hidden: true });
  readonly #time = h('span', { class: 'why-time' });
  readonly #inChart = h('a', { href: '', hidden: true }, 'Show in the chart');
  readonly #verdict = h('p', { class: 'why-verdict', role: 'status' });
  readonly #body = h('div', { class: 'why-body', hidden: true });
  readonly #figures = h('dl', { class: 'now' });
  readonly #facts = h('dl', { class: 'why-facts' });
  readonly #notes = h('ul');
  #view: View | undefined;
  #explanation: ExplanationJson | undefined;
  #range: TimeRange | undefined;
  #written = '';

  constructor(events: WhyEvents) {
    this.#body.append(
      this.#figures,
      this.#facts,
      h('details', {}, h('summary', {}, 'Where the figures come from'), this.#notes),
    );
    this.element.append(
      h(
        'div',
        { class: 'why-head' },
        h('h3', { id: 'why-title' }, 'Why? ', this.#time),
        this.#inChart,
        h('button', { type: 'button', click: events.excludeOpened }, 'Exclude this'),
        h('button', { type: 'button', class: 'quiet', 'aria-keyshortcuts': 'Escape', click: events.closed }, 'Close'),
      ),
      this.#verdict,
      this.#body,
    );
    this.element.addEventListener('click', (event) => {
      const link = (event.target as Element).closest('a');
      // With one of these keys it is opened elsewhere, as any link is.
      if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      events.followed(readView(link.search));
    });
  }

  /** Takes over what the page shows: the panel is there while that names a time, and its links start from it. */
  set view(view: View) {
    if (view.why !== this.#view?.why) setText(this.#time, view.why === undefined ? '' : localDayTime(view.why));
    this.#view = view;
    this.element.hidden = view.why === undefined;
    this.#write();
  }

  /** The range of the chart. */
  set range(range: TimeRange) {
    this.#range = range;
    this.#write();
  }

  /** The alarm that is explained, or the step where it was in none; undefined where nothing is. */
  get alarm(): ExcludableTime | undefined {
    const explanation = this.#view?.why === undefined ? undefined : this.#explanation;
    return explanation && (explanation.alarm ?? { start: explanation.start, end: explanation.end });
  }

  /** Whether it waits for an answer. */
  get isAsking(): boolean {
    return this.element.dataset.loading !== undefined;
  }

  /** Another step is asked about: what was told of the last one stays until this one is known, but faintly. */
  asking(): void {
    this.element.dataset.loading = '';
    if (this.#explanation === undefined) setText(this.#verdict, 'Looking into it …');
  }

  /** Tells what is known, at `now`, of the step that was asked about. */
  show(explanation: ExplanationJson, now: number): void {
    delete this.element.dataset.loading;
    this.#explanation = explanation;
    this.#body.hidden = false;
    setText(this.#verdict, verdict(explanation, now));
    setText(this.#time, spanText(explanation.start, explanation.end));
    this.#time.title = `${utcDateTime(explanation.start)} – ${utcDateTime(explanation.end)}`;
    this.#write();
  }

  /** Says why nothing can be told. */
  showProblem(text: string): void {
    this.clear();
    setText(this.#verdict, text);
  }

  /** Forgets what was told. */
  clear(): void {
    delete this.element.dataset.loading;
    this.#explanation = undefined;
    this.#body.hidden = true;
    this.#inChart.hidden = true;
  }

  #write(): void {
    const [explanation, view, range] = [this.#explanation, this.#view, this.#range];
    if (explanation === undefined || view?.why === undefined) return;
    const { start, end, notes } = explanation;
    this.#inChart.hidden = range === undefined || (start < range.end && end > range.start);
    this.#inChart.href = writeView({ ...view, range: rangeAround(explanation, end - start) });
    const written = JSON.stringify([explanation, view]);
    if (written === this.#written) return;
    this.#written = written;
    const hadFocus = this.element.contains(document.activeElement);
    this.#figures.replaceChildren(...whyFigures(explanation));
    this.#facts.replaceChildren(...whyFacts(explanation, view));
    this.#notes.replaceChildren(...notes.map((note) => h('li', {}, note)));
    // A link that had it may be gone.
    if (hadFocus && !this.element.contains(document.activeElement)) this.element.focus({ preventScroll: true });
  }
}
