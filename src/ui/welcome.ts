import { copyable } from './detail/copy.js';
import { h } from './lib/dom.js';
import { remoteWriteConfig } from './lib/promql.js';

/** What a new Sentio shows: that nothing has been written to it yet, and how to change that. */
export function welcome(): HTMLElement {
  const baseUrl = new URL('.', document.baseURI).href;
  return h(
    'section',
    { class: 'welcome', 'aria-label': 'Getting started' },
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
}
