import type { ExclusionJson } from '../../http/api/json/exclusions.js';
import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import { exclusionName } from '../chart/exclusion-name.js';
import { type Client, isForbidden, problemText, Unreachable } from '../lib/client.js';
import { h, setText } from '../lib/dom.js';
import { seriesText, valueSelector } from '../lib/promql.js';
import { instantOf, localDateTime } from '../lib/times.js';
import type { TimeWindow } from '../lib/view.js';
import { shownZone } from '../lib/zone.js';
import { type ExcludableTime, proposedTime } from './exclude-time.js';
import { EXCLUSION_KINDS } from './exclusion-kinds.js';
import { spanText } from './explanation-text.js';

/** As many characters as the API takes. */
const MAX_REASON = '1000';

export interface ExcludeEvents {
  /** A time is excluded, or no longer. */
  readonly changed: () => void;
  readonly closed: () => void;
}

/** Where a reader says what a time of a series was: a form, and what is excluded of the series already. */
export class ExcludePanel {
  readonly element = h('section', {
    class: 'exclude',
    tabindex: '-1',
    'aria-labelledby': 'exclude-title',
    hidden: true,
  });
  /** The window that is chosen in the time line. */
  window: TimeWindow | undefined;
  readonly #client: Client;
  readonly #events: ExcludeEvents;
  readonly #from = timeInput();
  readonly #to = timeInput();
  readonly #zone = h('span', { class: 'exclude-zone' });
  readonly #match = h('select');
  readonly #reason = h('input', { maxlength: MAX_REASON, placeholder: 'for people, such as: disk swap' });
  readonly #problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  readonly #done = h('p', { role: 'status' });
  readonly #listTitle = h('h4', { tabindex: '-1' });
  readonly #list = h('ul');
  #curve: ForecastSeriesJson | undefined;
  #now = 0;
  #series = '';
  #zoneShown = '';
  #asking = new AbortController();
  #isChanging = false;

  constructor(client: Client, events: ExcludeEvents) {
    this.#client = client;
    this.#events = events;
    const field = (name: string, ...inputs: HTMLElement[]) => h('label', {}, h('span', {}, name), ...inputs);
    const kinds = EXCLUSION_KINDS.map(({ kind, name, effect }) => {
      const id = `exclude-${kind}`;
      const button = h('button', { value: kind, 'aria-describedby': id }, name);
      return h('li', {}, button, h('span', { id }, effect));
    });
    const form = h(
      'form',
      {},
      h('div', { class: 'exclude-fields' }, field('From', this.#from), field('To', this.#to), this.#zone),
      h('div', { class: 'exclude-fields' }, field('Series', this.#match), field('Reason', this.#reason)),
      h('ul', { class: 'exclude-kinds' }, ...kinds),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const chosen = event.submitter instanceof HTMLButtonElement ? event.submitter.value : '';
      const kind = EXCLUSION_KINDS.find((one) => one.kind === chosen)?.kind;
      if (kind !== undefined) void this.#exclude(kind);
    });
    this.element.append(
      h(
        'div',
        { class: 'why-head' },
        h('h3', { id: 'exclude-title' }, 'Exclude a time'),
        h(
          'button',
          { type: 'button', class: 'quiet', 'aria-keyshortcuts': 'Escape', click: () => this.close() },
          'Close',
        ),
      ),
      form,
      this.#problem,
      this.#done,
      this.#listTitle,
      this.#list,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
  }

  /** Takes over what is shown of the series, as it was at `now`. Another series closes it. */
  set curve({ curve, now }: { curve: ForecastSeriesJson; now: number }) {
    this.#curve = curve;
    this.#now = now;
    if (this.element.hidden) return;
    if (seriesText(curve.metric) !== this.#series) this.element.hidden = true;
    else if (shownZone() !== this.#zoneShown) this.#rewriteTimes();
  }

  /** Opens it, with the time that was explained, or with the one that is likely to be meant. */
  open(explained: ExcludableTime | undefined): void {
    const curve = this.#curve;
    if (curve === undefined) return;
    this.#series = seriesText(curve.metric);
    const { start, end } = proposedTime({ explained, window: this.window, alarms: curve.alarms, now: this.#now });
    this.#writeTimes(start, end);
    const labels = Object.entries(curve.metric).map(([name, value]) => valueSelector(name, value));
    this.#match.replaceChildren(
      h('option', { value: this.#series }, 'this one'),
      ...labels.map((selector) => h('option', { value: selector }, `all of ${selector}`)),
    );
    this.#reason.value = '';
    setText(this.#done, '');
    this.#problem.hidden = true;
    this.element.hidden = false;
    this.element.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: 'nearest' });
    void this.#showList();
  }

  close(): void {
    this.element.hidden = true;
    this.#events.closed();
  }

  #writeTimes(start: number, end: number): void {
    this.#from.value = localDateTime(start).replace(' ', 'T');
    this.#to.value = localDateTime(end).replace(' ', 'T');
    this.#zoneShown = shownZone();
    setText(this.#zone, this.#zoneShown);
  }

  /** Keeps the instants, whose readings were of the zone before. */
  #rewriteTimes(): void {
    const [start, end] = [instantOf(this.#from.value, this.#zoneShown), instantOf(this.#to.value, this.#zoneShown)];
    if (!Number.isNaN(start + end)) this.#writeTimes(start, end);
  }

  async #exclude(kind: ExclusionJson['kind']): Promise<void> {
    const [start, end] = [instantOf(this.#from.value), instantOf(this.#to.value)];
    if (!(end > start)) return this.#showProblem('The end must be after the beginning.');
    const request = { match: this.#match.value, kind, start, end, reason: this.#reason.value.trim() };
    await this.#change(async (signal) => {
      const { state, accepted_alarms: accepted } = await this.#client.exclude(request, signal);
      const alarms =
        kind === 'not_an_anomaly' ? ` ${accepted} of its alarms ${accepted === 1 ? 'is' : 'are'} accepted.` : '';
      return `${exclusionName(kind, '')}: ${state === 'pending' ? 'will be in effect then' : 'in effect'}.${alarms}`;
    });
  }

  /** Changes what is excluded, and says what came of it. */
  async #change(change: (signal: AbortSignal) => Promise<string>): Promise<void> {
    // A second click, before the answer, is about the same.
    if (this.#isChanging) return;
    this.#isChanging = true;
    this.#problem.hidden = true;
    setText(this.#done, '');
    try {
      setText(this.#done, await change(new AbortController().signal));
      this.#events.changed();
    } catch (error) {
      this.#showProblem(changeProblem(error as Error));
    }
    this.#isChanging = false;
    await this.#showList();
  }

  #showProblem(text: string): void {
    setText(this.#problem, text);
    this.#problem.hidden = false;
  }

  async #showList(): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      const exclusions = await this.#client.exclusions(this.#series, signal);
      if (signal.aborted) return;
      const hadFocus = this.#list.contains(document.activeElement);
      setText(this.#listTitle, exclusions.length === 0 ? 'Nothing is excluded of this series by people.' : 'Excluded');
      this.#list.replaceChildren(...exclusions.toReversed().map((one) => this.#item(one)));
      // The button that had it is gone.
      if (hadFocus) this.#listTitle.focus({ preventScroll: true });
    } catch (error) {
      if (!signal.aborted) this.#showProblem(changeProblem(error as Error));
    }
  }

  #item({ id, kind, start, end, state, reason, match }: ExclusionJson): HTMLElement {
    const name = exclusionName(kind, reason);
    const span = spanText(start, end);
    const isOwn = match.length === 1 && match[0] === this.#series;
    const remove = () =>
      this.#change(async (signal) => {
        await this.#client.deleteExclusion(id, signal);
        return `Deleted: ${name}.`;
      });
    return h(
      'li',
      { 'data-state': state },
      h('span', {}, h('b', {}, name), ` ${span}`, state === 'active' && ', now'),
      !isOwn && h('code', {}, match.join(' or ')),
      h(
        'button',
        { type: 'button', class: 'quiet', 'aria-label': `Delete: ${name}, ${span}`, click: remove },
        'Delete',
      ),
    );
  }
}

function timeInput(): HTMLInputElement {
  return h('input', { type: 'datetime-local', step: '1', required: true });
}

/** Why nothing was changed, in the words of the page. */
function changeProblem(error: Error): string {
  if (error instanceof Unreachable) return 'Sentio did not answer: try again.';
  return isForbidden(error)
    ? `You may not change what is excluded: that needs a login of receiver.admins. (${problemText(error)})`
    : problemText(error);
}
