import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import type { PageJson } from '../../http/api/json/page.js';
import type { SeriesJson } from '../../http/api/json/series.js';
import { Chart, type ChartEvents, type TimeRange } from '../chart/chart.js';
import { RangeBar } from '../chart/range-bar.js';
import type { Client } from '../lib/client.js';
import { h, setAttribute, setText } from '../lib/dom.js';
import { formatInterval, formatScore, intervalFormatter } from '../lib/format.js';
import { futureQueries, publishedQueries, remoteReadConfig, seriesText } from '../lib/promql.js';
import { formatDuration, localDateTime, localDayTime, localTime, roughDuration, utcDateTime } from '../lib/times.js';
import { unitOf } from '../lib/units.js';
import type { View, ViewRange } from '../lib/view.js';
import { setRuleZone } from '../lib/zone.js';
import { statusOf } from '../list/series-row.js';
import { copyable, copyButton } from './copy.js';
import { ExcludePanel } from './exclude-panel.js';
import { linksOf } from './links.js';
import { knowledgeText, laterChecksText, notesOf, trainingText } from './notes.js';
import { stateText } from './state-text.js';
import { Why, type WhyEvents } from './why.js';

export interface DetailEvents extends ChartEvents, Omit<WhyEvents, 'excludeOpened'> {
  readonly rangeChosen: (range: ViewRange) => void;
  readonly componentsToggled: (shown: boolean) => void;
  /** The reader wants to try other settings on the series. */
  readonly trialOpened: () => void;
  /** Times are shown in another zone than before. */
  readonly zoneChanged: () => void;
  /** The reader excluded a time of the series, or took that back. */
  readonly excluded: () => void;
  /** Back to the list, where there is room for one of the two only. */
  readonly left: () => void;
}

/** Everything about one series: its state, its chart, what to ask Prometheus for, and the model behind it. */
export class Detail {
  readonly element = h('section', { class: 'detail', id: 'detail', 'aria-label': 'Series', tabindex: '-1' });
  readonly why: Why;
  readonly #events: DetailEvents;
  readonly #exclude: ExcludePanel;
  readonly #chart: Chart;
  readonly #rangeBar: RangeBar;
  readonly #message = h('p', { class: 'message', role: 'status' });
  readonly #body = h('div', { class: 'detail-body', hidden: true });
  readonly #name = h('h2');
  readonly #labels = h('div', { class: 'labels' });
  readonly #links = h('div', { class: 'links' });
  readonly #now: Record<'value' | 'expected' | 'interval' | 'score' | 'state', HTMLElement>;
  readonly #valueTitle = h('dt', { title: 'the mean of the step that was scored last, which ended then' }, 'value');
  readonly #notes = h('div', { role: 'status' });
  readonly #problem = h('p', { class: 'note', role: 'alert', hidden: true });
  readonly #components: HTMLButtonElement;
  readonly #excludeButton = h(
    'button',
    { type: 'button', class: 'exclude-open', 'aria-expanded': 'false', click: () => this.#toggleExclude() },
    'Exclude a time',
  );
  readonly #queries = h('div', { class: 'queries' });
  readonly #facts = h('dl', { class: 'facts' });
  #shown = '';
  /** Where other pages are. */
  links: PageJson['links'] = {};
  /** What the notes say. */
  #noted = '';

  constructor(client: Client, events: DetailEvents) {
    this.#events = events;
    this.why = new Why({ ...events, excludeOpened: () => this.#openExclude() });
    this.#exclude = new ExcludePanel(client, { changed: events.excluded, closed: () => this.#excludeClosed() });
    this.#chart = new Chart(events);
    this.#rangeBar = new RangeBar(events.rangeChosen);
    this.#components = h('button', { type: 'button', 'aria-pressed': 'false' }, 'Components');
    this.#components.addEventListener('click', () =>
      events.componentsToggled(this.#components.getAttribute('aria-pressed') !== 'true'),
    );
    const cell = (name: string, title = h('dt', {}, name)) => {
      const value = h('dd');
      return { value, element: h('div', { class: `now-${name}` }, title, value) };
    };
    const cells = {
      value: cell('value', this.#valueTitle),
      expected: cell('expected'),
      interval: cell('interval'),
      score: cell('score'),
      state: cell('state'),
    };
    this.#now = {
      value: cells.value.value,
      expected: cells.expected.value,
      interval: cells.interval.value,
      score: cells.score.value,
      state: cells.state.value,
    };
    this.#body.append(
      h('div', { class: 'title' }, this.#name, this.#labels, this.#links),
      h('dl', { class: 'now' }, ...Object.values(cells).map(({ element }) => element)),
      this.#problem,
      this.#notes,
      h(
        'div',
        { class: 'bar' },
        this.#rangeBar.element,
        h(
          'div',
          { class: 'choices' },
          this.#components,
          h('button', { type: 'button', click: events.trialOpened }, 'Try settings'),
        ),
      ),
      this.#chart.readout.element,
      this.#chart.element,
      h(
        'p',
        { class: 'hint' },
        'Click a step to see why it was, or was not, an alarm; drag zooms, double click goes back. Keys: / search, ↑ ↓ series; chart: ← → values, Enter why, + − zoom, 0 back.',
      ),
      h('p', { class: 'hint hint-touch' }, 'Tap a step to see why it was, or was not, an alarm.'),
      this.why.element,
      this.#excludeButton,
      this.#exclude.element,
      this.#queries,
      this.#facts,
    );
    this.element.append(
      h('button', { type: 'button', class: 'back quiet', click: events.left }, '← All series'),
      this.#message,
      this.#body,
    );
  }

  /** Shows a curve as it was answered at `now`, over `range`. */
  show(
    curve: ForecastSeriesJson,
    view: { range: ViewRange; shown: TimeRange; components: boolean },
    now: number,
  ): void {
    this.#message.hidden = true;
    this.#body.hidden = false;
    if (setRuleZone(curve.timezone)) this.#events.zoneChanged();
    const series = seriesText(curve.metric);
    if (series !== this.#shown) this.#title(curve, series);
    this.showNow(curve);
    this.#problem.hidden = true;
    this.#rangeBar.show(view.range, curve, now);
    this.#links.replaceChildren(
      ...linksOf(curve, this.links, view.shown).map(({ title, href }) =>
        h('a', { href, target: '_blank', rel: 'noreferrer' }, `${title} ↗`),
      ),
    );
    setAttribute(this.#components, 'aria-pressed', String(view.components));
    this.#components.disabled = curve.forecast === undefined;
    this.#chart.show(curve, view.shown, now);
    this.why.range = view.shown;
    this.#exclude.curve = { curve, now };
    this.#facts.replaceChildren(...facts(curve, now));
  }

  /** Shows the newest values without asking for the curve. */
  showNow(series: SeriesJson): void {
    const { last, metric, aggregate } = series;
    const status = statusOf(series);
    const format = intervalFormatter(unitOf(metric.__name__ ?? '', aggregate), [
      last.value,
      last.yhat_lower,
      last.yhat_upper,
    ]);
    setText(this.#now.value, format(last.value));
    setText(this.#now.expected, format(last.yhat));
    setText(this.#now.interval, formatInterval(format, last.yhat_lower, last.yhat_upper));
    setText(this.#now.score, formatScore(last.anomaly_score));
    setText(this.#now.state, stateText(series));
    setText(this.#valueTitle, last.time === null ? 'value' : `value at ${localTime(last.time)}`);
    const notes = notesOf(series);
    if (notes.join('\n') !== this.#noted) {
      this.#noted = notes.join('\n');
      this.#notes.replaceChildren(...notes.map((note) => h('p', { class: 'note' }, note)));
    }
    this.element.dataset.status = status;
  }

  /** Takes over what the page shows: the step that is asked about is marked in the chart, and explained below it. */
  set view(view: View) {
    this.#chart.marked = view.why;
    this.why.view = view;
    this.#exclude.window = view.window;
  }

  /** Says why there is no chart. */
  showMessage(text: string): void {
    setText(this.#message, text);
    this.#message.hidden = false;
    this.#body.hidden = true;
    this.#shown = '';
  }

  /** Says what is wrong beside the chart that is there, if one is. */
  showProblem(text: string): void {
    if (this.#body.hidden) this.showMessage(text);
    else {
      setText(this.#problem, text);
      this.#problem.hidden = false;
    }
  }

  /** Gives the chart the keys. */
  focusChart(): void {
    this.#chart.element.focus({ preventScroll: true });
  }

  recolor(): void {
    this.#chart.recolor();
  }

  #toggleExclude(): void {
    if (this.#exclude.element.hidden) this.#openExclude();
    else this.#exclude.close();
  }

  /** Proposes the alarm that is explained, else a time that the page shows. */
  #openExclude(): void {
    this.#exclude.open(this.why.alarm);
    setAttribute(this.#excludeButton, 'aria-expanded', 'true');
  }

  #excludeClosed(): void {
    setAttribute(this.#excludeButton, 'aria-expanded', 'false');
    this.#excludeButton.focus();
  }

  #title(curve: ForecastSeriesJson, series: string): void {
    this.#shown = series;
    setText(this.#name, curve.metric.__name__ ?? series);
    this.#labels.replaceChildren(
      ...Object.entries(curve.metric)
        .filter(([name]) => name !== '__name__')
        .map(([name, value]) => h('span', { class: 'label' }, h('i', {}, name), value)),
      copyButton(series, 'the series as PromQL', 'Copy PromQL'),
    );
    const baseUrl = new URL('.', document.baseURI).href;
    this.#queries.replaceChildren(
      queryGroup(
        'Queries for Prometheus and Grafana',
        'They have data once Sentio writes back to your Prometheus.',
        publishedQueries(curve).map(copyable),
      ),
      queryGroup('The future, over remote_read', 'The whole curve at its true times, as far as the horizon.', [
        ...futureQueries(curve).map(copyable),
        copyable({ title: 'prometheus.yml', text: remoteReadConfig(baseUrl) }),
      ]),
    );
  }
}

function queryGroup(title: string, about: string, snippets: HTMLElement[]): HTMLElement {
  return h('details', {}, h('summary', {}, title), h('p', {}, about), ...snippets);
}

function facts(curve: ForecastSeriesJson, now: number): HTMLElement[] {
  const { rule, aggregate, step, resolution, horizon, fit, level_accepted_at: levelSince } = curve;
  const laterChecks = curve.settling === undefined ? '' : laterChecksText(curve.settling);
  const fact = (name: string, value: string, title?: string) =>
    h('div', {}, h('dt', {}, name), h('dd', { title }, value));
  return [
    fact('rule', rule),
    fact('aggregate', aggregate),
    fact('step', formatDuration(step)),
    fact('resolution', formatDuration(resolution)),
    fact('horizon', formatDuration(horizon)),
    ...(laterChecks === '' ? [] : [fact('watched later for', laterChecks)]),
    ...(levelSince === null ? [] : [fact('level', `new since ${localDayTime(levelSince)}`, utcDateTime(levelSince))]),
    ...(fit === undefined
      ? []
      : [
          fact('trained on', trainingText(fit)),
          fact('knows', knowledgeText(fit, curve.settling)),
          fact('optimizer', fit.optimizer),
          fact(
            'fitted',
            `${roughDuration(now - fit.time)} ago`,
            `${localDateTime(fit.time)} (${utcDateTime(fit.time)})`,
          ),
        ]),
  ];
}
