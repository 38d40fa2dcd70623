import type { SummaryJson } from '../http/api/json/series.js';
import { copyable } from './detail/copy.js';
import { h, setText } from './lib/dom.js';
import { formatCount } from './lib/format.js';
import { remoteWriteConfig } from './lib/promql.js';

/** What is shown while no series is tracked: that nothing arrives and how to change that, or why nothing of it is tracked. */
export class Welcome {
  readonly element = h('section', { class: 'welcome', 'aria-label': 'Getting started' });
  readonly #unmatched = h('p', { class: 'unmatched' });
  readonly #nothingSent: HTMLElement;
  readonly #noneTracked: HTMLElement;

  constructor() {
    const baseUrl = new URL('.', document.baseURI).href;
    this.#nothingSent = h(
      'div',
      {},
      h('h2', {}, 'Nothing has been written yet'),
      h(
        'p',
        {},
        'Sentio learns from what your Prometheus sends. Paste this into prometheus.yml and reload Prometheus; series show up here with their first samples, forecasts with their tenth step.',
      ),
      copyable({ title: 'prometheus.yml', text: remoteWriteConfig(baseUrl) }),
      h(
        'p',
        {},
        'The address is that of this page: where Prometheus reaches Sentio by another name, put that. To have forecasts written back, start Prometheus with --web.enable-remote-write-receiver and name it under remote_write in sentio.yml. ',
      ),
      h('p', { class: 'waiting', role: 'status' }, 'Waiting for the first samples …'),
    );
    this.#noneTracked = h(
      'div',
      { hidden: true },
      h('h2', {}, 'No rule matches what arrives'),
      this.#unmatched,
      h('p', {}, 'Change match in the rules of sentio.yml and reload Sentio (SIGHUP); nothing has to be sent again.'),
      h('p', { class: 'waiting', role: 'status' }, 'Waiting for a series that a rule matches …'),
    );
    this.element.append(this.#nothingSent, this.#noneTracked);
  }

  show({ unmatched }: SummaryJson): void {
    this.#nothingSent.hidden = unmatched !== undefined;
    this.#noneTracked.hidden = unmatched === undefined;
    if (unmatched !== undefined) setText(this.#unmatched, unmatchedText(unmatched));
  }
}

/** How many series arrive in vain, and what looks like a typo in a rule. */
function unmatchedText({ series, near_miss: miss }: NonNullable<SummaryJson['unmatched']>): string {
  const text = `${formatCount(series)} series arrive, none matches a rule.`;
  if (miss === undefined) return text;
  const { rule, label, wanted, found } = miss;
  return `${text} Rule ${rule} asks for ${label === '__name__' ? 'the name' : label} ${wanted}; the nearest that arrives is ${found}.`;
}
