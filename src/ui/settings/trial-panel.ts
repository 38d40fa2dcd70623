import type { PreviewFormAnswer } from '../../http/api/json/preview.js';
import { type Client, problemText, Unreachable } from '../lib/client.js';
import { h, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';
import { readView, type TrialScope, type View } from '../lib/view.js';
import { changesOf, type Knob, knobsOf } from './knobs.js';
import { trialResult } from './trial-result.js';

const SCOPES: readonly (readonly [TrialScope, string])[] = [
  ['series', 'this series'],
  ['rule', 'series of its rule'],
  ['list', 'series of the list'],
];
const DAYS = [7, 15] as const;

export interface TrialEvents {
  readonly closed: () => void;
  readonly scopeChosen: (scope: TrialScope) => void;
  /** The reader follows the time of an alarm. */
  readonly followed: (view: View) => void;
}

/** What a trial is about: the page's view, the series it shows, and what is known of that. */
export interface TrialSubject {
  readonly view: View;
  readonly series: string | undefined;
  readonly rule: string | undefined;
  readonly aggregate: string;
}

/** Other settings of a rule, tried on the last days: a form, how far it is, and which alarms they would take away. */
export class TrialPanel {
  readonly element = h('section', { class: 'trial', tabindex: '-1', 'aria-labelledby': 'trial-title', hidden: true });
  readonly #client: Client;
  readonly #subject: () => TrialSubject;
  readonly #scope = h('select', { 'aria-label': 'Series to try them on' });
  readonly #days = h('select', { 'aria-label': 'Days to judge' });
  readonly #about = h('p', { class: 'trial-scope', role: 'status' });
  readonly #fields = h('div', { class: 'trial-fields' });
  readonly #run = h('button', { class: 'live' }, 'Try');
  readonly #cancel = h('button', { type: 'button', hidden: true, click: () => this.#stop() }, 'Cancel');
  readonly #progress = h('progress', { hidden: true, 'aria-label': 'Series replayed' });
  readonly #problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  readonly #result = h('div', { class: 'trial-result', role: 'status' });
  #knobs: Knob[] = [];
  /** What the form is of: it is asked for again when this changes. */
  #formOf = '';
  #rule = '';
  #asking: AbortController | undefined;
  #running: AbortController | undefined;

  constructor(client: Client, subject: () => TrialSubject, events: TrialEvents) {
    this.#client = client;
    this.#subject = subject;
    this.#scope.append(...SCOPES.map(([scope, text]) => h('option', { value: scope }, text)));
    this.#days.append(...DAYS.map((days) => h('option', { value: String(days) }, `${days} days`)));
    this.#scope.addEventListener('change', () => events.scopeChosen(this.#scope.value as TrialScope));
    const form = h(
      'form',
      {},
      h('div', { class: 'trial-which' }, this.#scope, this.#days),
      this.#about,
      this.#fields,
      h('div', { class: 'trial-buttons' }, this.#run, this.#cancel, this.#progress),
      this.#problem,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#try();
    });
    this.element.append(
      h(
        'div',
        { class: 'why-head' },
        h('h3', { id: 'trial-title' }, 'Try settings'),
        h('button', { type: 'button', class: 'quiet', 'aria-keyshortcuts': 'Escape', click: events.closed }, 'Close'),
      ),
      form,
      this.#result,
    );
    this.element.addEventListener('click', (event) => {
      const link = (event.target as Element).closest('a');
      if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      events.followed(readView(link.search));
    });
  }

  /** Takes over what the page shows: the panel is there while that names what settings are tried on. */
  update(): void {
    const subject = this.#subject();
    const { trial } = subject.view;
    this.element.hidden = trial === undefined;
    if (trial === undefined) {
      this.#stop();
      return;
    }
    this.#scope.value = trial;
    const formOf = JSON.stringify(selectionOf(subject));
    // A series that was reached by an alarm has a known rule only once its forecast has arrived.
    if (formOf === this.#formOf || (trial === 'rule' && subject.rule === undefined)) return;
    this.#formOf = formOf;
    void this.#askForm(subject);
  }

  async #askForm(subject: TrialSubject): Promise<void> {
    this.#asking?.abort();
    this.#stop();
    this.#result.replaceChildren();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const form = await this.#client.previewForm(selectionOf(subject), asking.signal);
      if (!asking.signal.aborted) this.#showForm(form);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#formOf = '';
      setText(this.#about, '');
      this.#fields.replaceChildren();
      this.#showProblem(error as Error);
    }
  }

  #showForm({ rule, series, max_series: max, settings }: PreviewFormAnswer['data']): void {
    this.#problem.hidden = true;
    const some = series > max ? `the ${max} of ${formatCount(series)} series with the most alarms` : undefined;
    setText(this.#about, `Rule ${rule}${some === undefined ? '' : `, tried on ${some}`}.`);
    const knobs = knobsOf(settings);
    // What was typed for the same rule stays.
    if (
      rule === this.#rule &&
      JSON.stringify(knobs) === JSON.stringify(this.#knobs) &&
      this.#fields.childElementCount > 0
    )
      return;
    this.#rule = rule;
    this.#knobs = knobs;
    this.#fields.replaceChildren(...knobs.map(field));
  }

  async #try(): Promise<void> {
    const inputs = this.#fields.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]');
    const set = changesOf(this.#knobs, new Map([...inputs].map(({ name, value }) => [name, value])));
    if (set.length === 0) {
      this.#showProblem('Change a setting first.');
      return;
    }
    this.#stop();
    this.#problem.hidden = true;
    const subject = this.#subject();
    const running = new AbortController();
    this.#running = running;
    this.#showRunning(true);
    const request = { ...selectionOf(subject), days: Number(this.#days.value), limit: 20, set };
    try {
      const preview = await this.#client.preview(request, running.signal, (done, total) => {
        this.#progress.max = total;
        this.#progress.value = done;
      });
      if (running.signal.aborted) return;
      this.#result.replaceChildren(...trialResult(preview, subject.view, subject.aggregate));
    } catch (error) {
      if (!running.signal.aborted) this.#showProblem(error as Error);
    } finally {
      if (this.#running === running) this.#showRunning(false);
    }
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#showRunning(false);
  }

  #showRunning(isRunning: boolean): void {
    this.#run.disabled = isRunning;
    this.#cancel.hidden = !isRunning;
    this.#progress.hidden = !isRunning;
    if (isRunning) this.#progress.removeAttribute('value');
    if (isRunning) this.#result.dataset.loading = '';
    else delete this.#result.dataset.loading;
  }

  #showProblem(problem: Error | string): void {
    const text = typeof problem === 'string' ? problem : textOf(problem);
    setText(this.#problem, text);
    this.#problem.hidden = false;
  }
}

function textOf(error: Error): string {
  return error instanceof Unreachable ? 'Sentio does not answer. Try again.' : problemText(error);
}

/** Which series a trial is about, in the words of the API. */
function selectionOf({ view, series, rule }: TrialSubject): Record<string, string> {
  const { trial, search, alarm } = view;
  if (trial === 'series') return { match: series ?? '', exact: 'true' };
  if (trial === 'rule') return { rule: rule ?? '' };
  return {
    ...(view.rule !== undefined && { rule: view.rule }),
    ...(search.includes('{') ? { match: search } : { search }),
    ...(alarm !== undefined && alarm !== 'learning' && alarm !== 'ended' && { alarm }),
  };
}

function field({ key, title, help, value, choices }: Knob): HTMLElement {
  const input =
    choices === undefined
      ? h('input', { name: key, value, autocomplete: 'off', spellcheck: 'false' })
      : h(
          'select',
          { name: key },
          ...choices.map((each) => h('option', { value: each, selected: each === value }, each)),
        );
  return h('label', { title: help }, h('span', {}, title), input);
}
