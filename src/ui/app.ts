import type { AlarmsAnswer } from '../http/api/json/alarms.js';
import type { IncidentsAnswer } from '../http/api/json/incidents.js';
import type { PageJson } from '../http/api/json/page.js';
import type { SeriesAnswer, SeriesJson } from '../http/api/json/series.js';
import type { TimeRange } from './chart/chart.js';
import { HistoryBar } from './chart/history-bar.js';
import { Detail } from './detail/detail.js';
import { Explainer } from './detail/explainer.js';
import { ForecastFeed } from './forecast-feed.js';
import { helpDialog } from './help.js';
import { IncidentStrip } from './lanes/incident-strip.js';
import { TimeLine } from './lanes/time-line.js';
import { Client, problemText, Unreachable } from './lib/client.js';
import { Connection } from './lib/connection.js';
import { h, setText } from './lib/dom.js';
import { formatCount } from './lib/format.js';
import { Poller } from './lib/poller.js';
import { valueSelector } from './lib/promql.js';
import { themeButton } from './lib/theme.js';
import { ALARM_FILTERS, LANE_SPANS, LIVE, readView, type View, writeView } from './lib/view.js';
import { zoneSelect } from './lib/zone.js';
import { ListFeed } from './list/list-feed.js';
import { type Headings, SeriesList } from './list/series-list.js';
import { Toolbar } from './list/toolbar.js';
import { TrialPanel } from './settings/trial-panel.js';
import { Summary } from './summary.js';
import { TargetBanner } from './target-banner.js';
import { Welcome } from './welcome.js';

const LANES_INTERVAL_MS = 30_000;
const PAGE_INTERVAL_MS = 15_000;
const INCIDENTS_INTERVAL_MS = 10_000;
/** More of them are counted. */
const MAX_INCIDENTS = 3;
/** An arrow key held down passes series by; a forecast is fetched only where it rests. */
const BROWSE_MS = 120;
/** Headings that are folded unlike the others, at most: as many as the API takes. */
const MAX_EXCEPT = 100;
/** As in the style sheet: below, list and series take turns. */
const WIDE = matchMedia('(min-width: 56rem)');

/** The page: its parts, what the address says is shown, and the questions it keeps asking. */
export class App {
  readonly #client = new Client();
  readonly #connection: Connection;
  readonly #summary = new Summary((alarm) => this.#narrow({ alarm }));
  readonly #timeLine: TimeLine;
  readonly #targets = new TargetBanner();
  readonly #help = helpDialog();
  readonly #zone = zoneSelect(() => this.#zoneChanged());
  readonly #version = h('span', { class: 'version' });
  readonly #history = new HistoryBar();
  readonly #toolbar: Toolbar;
  readonly #list: SeriesList;
  readonly #detail: Detail;
  readonly #welcome = new Welcome();
  readonly #main: HTMLElement;
  readonly #listFeed: ListFeed;
  readonly #lanesPoller: Poller<AlarmsAnswer>;
  readonly #incidents: IncidentStrip;
  readonly #incidentsPoller: Poller<IncidentsAnswer>;
  readonly #pagePoller: Poller<PageJson>;
  readonly #forecastFeed: ForecastFeed;
  readonly #explainer: Explainer;
  readonly #trial: TrialPanel;
  #view: View;
  #rows = 0;
  /** Shown while the address names none: the worst one at the time of opening. */
  #first: string | undefined;
  #browsing: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement) {
    this.#view = readView(location.search);
    this.#connection = new Connection(() => {
      this.#listFeed.askNow();
      this.#forecastFeed.ask();
    });
    this.#toolbar = new Toolbar((filter) => this.#narrow(filter));
    this.#timeLine = new TimeLine({
      spanChosen: (lanes) => this.#narrow({ lanes }),
      groupChosen: (group) => this.#narrow({ group }),
      laneChosen: (name) => this.#chooseLane(name),
      windowChosen: (window) => this.#narrow({ window }),
    });
    this.#incidents = new IncidentStrip((filter) => this.#narrow({ ...filter, alarm: undefined }));
    this.#list = new SeriesList({
      chosen: (series, how) => this.#choose(series, how),
      moreWanted: () => this.#listFeed.wantMore(),
      foldToggled: (group) => this.#toggleFold(group),
    });
    this.#detail = new Detail(this.#client, {
      zoomed: ({ start, end }) => this.#zoom({ start, end }),
      reset: () => this.#goForecast({ ...this.#view, range: LIVE }, 'push'),
      rangeChosen: (range) => this.#goForecast({ ...this.#view, range }, 'push'),
      componentsToggled: (components) => this.#goForecast({ ...this.#view, components }, 'replace'),
      trialOpened: () => this.#openTrial(),
      left: () => this.#leave(),
      asked: (time, how) => this.#ask(time, how),
      followed: (view) => this.#follow(view),
      closed: () => this.#closeWhy(),
      zoneChanged: () => this.#zoneChanged(),
      excluded: () => this.#excluded(),
    });
    this.#explainer = new Explainer(this.#client, this.#detail.why);
    this.#trial = new TrialPanel(this.#client, () => this.#trialSubject(), {
      closed: () => this.#closeTrial(),
      scopeChosen: (trial) => this.#go({ ...this.#view, trial }, 'replace'),
      followed: (view) => this.#followTrial(view),
    });
    this.#listFeed = new ListFeed({
      client: this.#client,
      list: this.#list,
      view: () => this.#view,
      answered: (answer) => this.#showList(answer),
      failed: (error, retryInMs) => this.#listFailed(error, retryInMs),
    });
    this.#lanesPoller = new Poller({
      ask: (signal) => this.#client.alarms(this.#view, LANE_SPANS[this.#view.lanes], signal),
      answered: (answer) => this.#timeLine.show(answer),
      // The list says it.
      failed: () => {},
      intervalMs: () => LANES_INTERVAL_MS,
    });
    this.#incidentsPoller = new Poller({
      ask: (signal) => this.#client.incidents(MAX_INCIDENTS, signal),
      answered: (answer) => this.#incidents.show(answer),
      failed: () => {},
      intervalMs: () => INCIDENTS_INTERVAL_MS,
    });
    this.#pagePoller = new Poller({
      ask: (signal) => this.#client.page(signal),
      answered: (page) => this.#showPage(page),
      failed: () => {},
      intervalMs: () => PAGE_INTERVAL_MS,
    });
    this.#forecastFeed = new ForecastFeed({
      client: this.#client,
      detail: this.#detail,
      view: () => this.#view,
      series: () => this.#series,
      row: (series) => this.#list.find(series),
      identified: (series) => this.#go({ ...this.#view, series }, 'replace'),
      gone: () => {
        this.#first = undefined;
      },
    });
    this.#main = h(
      'main',
      {},
      h('div', { class: 'side' }, this.#toolbar.element, this.#list.element, this.#trial.element),
      this.#detail.element,
    );
    root.replaceChildren(
      h('a', { class: 'skip', href: '#detail' }, 'Skip to the series'),
      h(
        'header',
        { class: 'top' },
        h('h1', {}, 'Sentio'),
        this.#summary.element,
        this.#history.element,
        this.#version,
        this.#zone.element,
        h('button', { type: 'button', class: 'quiet', 'aria-label': 'Help', click: () => this.#help.showModal() }, '?'),
        themeButton(() => this.#detail.recolor()),
      ),
      this.#connection.element,
      this.#targets.element,
      this.#timeLine.element,
      this.#incidents.element,
      this.#welcome.element,
      this.#main,
      this.#help,
    );
    this.#welcome.element.hidden = true;
    window.addEventListener('popstate', () => this.#addressChanged());
    window.addEventListener('keydown', (event) => this.#keyPressed(event));
    WIDE.addEventListener('change', () => this.#addressChanged());
  }

  start(): void {
    this.#detail.showMessage('Loading …');
    this.#addressChanged();
    this.#pagePoller.askNow();
    this.#incidentsPoller.askNow();
  }

  /** The series that is shown: the one of the address, else the first. */
  get #series(): string | undefined {
    return this.#view.series ?? (WIDE.matches ? this.#first : undefined);
  }

  #addressChanged(): void {
    this.#view = readView(location.search);
    this.#toolbar.set(this.#view);
    this.#showPane();
    this.#listFeed.askNow();
    this.#askLanes();
    this.#forecastFeed.ask();
  }

  /** Lists other series, or shows others in the time line. */
  #narrow(filter: Partial<View>): void {
    this.#list.scrollToTop();
    this.#go({ ...this.#view, ...filter }, 'replace');
    this.#toolbar.set(this.#view);
    this.#listFeed.askNow();
    this.#askLanes();
  }

  #headings(groups: SeriesAnswer['groups']): Headings | undefined {
    const { headings: label, folded, except } = this.#view;
    if (groups === undefined || label === undefined) return undefined;
    return { label, groups, isFolded: (name) => (folded === 'all') !== except.includes(name) };
  }

  #toggleFold(group: string): void {
    const { except } = this.#view;
    const others = except.filter((name) => name !== group);
    const isToo = others.length === except.length;
    this.#go({ ...this.#view, except: isToo ? [...others, group].slice(-MAX_EXCEPT) : others }, 'replace');
    this.#listFeed.askNow();
  }

  /** Lists the series of a lane alone, or all again where they are listed alone already. */
  #chooseLane(name: string): void {
    const { group, rule, alarm, search } = this.#view;
    if (group === 'rule') this.#narrow({ rule: rule === name ? undefined : name });
    else if (group === 'kind') {
      const kind = ALARM_FILTERS.find((filter) => filter === name);
      this.#narrow({ alarm: alarm === kind ? undefined : kind });
    } else {
      const selector = valueSelector(group.slice('label:'.length), name);
      this.#narrow({ search: search === selector ? '' : selector });
    }
  }

  #askLanes(): void {
    if (this.#view.lanes === 'none') this.#lanesPoller.stop();
    else this.#lanesPoller.askNow();
  }

  #showPage(page: PageJson): void {
    const { version, links } = page;
    setText(this.#version, version);
    this.#targets.show(page);
    this.#detail.links = links;
  }

  #zoneChanged(): void {
    this.#zone.update();
    this.#detail.recolor();
    this.#timeLine.view = this.#view;
    this.#incidentsPoller.askNow();
    this.#listFeed.askNow();
    this.#forecastFeed.ask();
  }

  /** What is known of the series has changed. */
  #excluded(): void {
    this.#listFeed.askNow();
    this.#askLanes();
    this.#forecastFeed.ask();
    this.#explainer.askAgain();
  }

  /** Goes to a view: in the address, so that it can be shared and Back leads to the last one. */
  #go(view: View, how: 'push' | 'replace'): void {
    this.#view = view;
    const address = location.pathname + writeView(view);
    if (how === 'push') history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    this.#showPane();
  }

  #goForecast(view: View, how: 'push' | 'replace'): void {
    // What is done to the first series is done to it, also when another one is first.
    this.#go({ ...view, series: this.#series }, how);
    this.#forecastFeed.ask();
  }

  #choose(series: string, how: 'browse' | 'pick'): void {
    const isOther = series !== this.#series;
    const isOpen = series === this.#view.series;
    const why = isOther ? undefined : this.#view.why;
    this.#go({ ...this.#view, series, why }, how === 'browse' || isOpen ? 'replace' : 'push');
    clearTimeout(this.#browsing);
    if (isOther) this.#browsing = setTimeout(() => this.#forecastFeed.ask(), how === 'browse' ? BROWSE_MS : 0);
    if (how === 'pick' && !WIDE.matches) this.#detail.element.focus();
  }

  #leave(): void {
    this.#go({ ...this.#view, series: undefined, why: undefined }, 'push');
    this.#forecastFeed.stop();
    this.#list.element.focus();
  }

  /** Asks why a step of the series that is shown is what it is. */
  #ask(why: number, how: 'pointer' | 'key'): void {
    this.#go({ ...this.#view, series: this.#series, why }, this.#view.why === undefined ? 'push' : 'replace');
    this.#explainer.revealSoon();
    if (how === 'key') this.#detail.why.element.focus({ preventScroll: true });
  }

  #closeWhy(): void {
    const hadFocus = this.#detail.why.element.contains(document.activeElement);
    this.#go({ ...this.#view, why: undefined }, 'push');
    if (hadFocus) this.#detail.focusChart();
  }

  /** Goes where a link of an explanation leads. */
  #follow(view: View): void {
    this.#go(view, 'push');
    this.#forecastFeed.ask();
    this.#detail.element.scrollTop = 0;
    this.#detail.why.element.focus({ preventScroll: true });
  }

  #openTrial(): void {
    this.#go({ ...this.#view, series: this.#series, trial: 'series' }, 'push');
    this.#trial.element.focus({ preventScroll: true });
  }

  #closeTrial(): void {
    this.#go({ ...this.#view, trial: undefined }, 'push');
    if (WIDE.matches) this.#list.element.focus();
    else this.#detail.element.focus();
  }

  /** Shows an alarm of a trial in the chart: beside the trial, or in its place where there is room for one of the two only. */
  #followTrial(view: View): void {
    this.#go(WIDE.matches ? view : { ...view, trial: undefined }, 'push');
    this.#forecastFeed.ask();
    this.#detail.element.scrollTop = 0;
  }

  #trialSubject() {
    const series = this.#series;
    const known = series === undefined ? undefined : (this.#forecastFeed.known(series) ?? this.#list.find(series));
    return { view: this.#view, series, rule: known?.rule, aggregate: known?.aggregate ?? '' };
  }

  #zoom({ start, end }: TimeRange): void {
    const wanted = { kind: 'fixed', start: Math.floor(start), end: Math.ceil(end) } as const;
    // Closer than three steps there is nothing to be seen.
    if (wanted.end - wanted.start < 3 * this.#forecastFeed.pace.step) return;
    this.#goForecast({ ...this.#view, range: wanted }, this.#view.range.kind === 'fixed' ? 'replace' : 'push');
  }

  #showPane(): void {
    const isTrying = this.#view.trial !== undefined;
    this.#main.dataset.pane = this.#view.series !== undefined && !isTrying ? 'series' : 'list';
    this.#toolbar.element.hidden = isTrying;
    this.#list.element.hidden = isTrying;
    this.#trial.update();
    this.#list.chosen = this.#series;
    this.#timeLine.view = this.#view;
    this.#detail.view = this.#view;
    this.#explainer.follow(this.#view, this.#series);
  }

  #showList({ data, total, summary, groups }: SeriesAnswer): void {
    this.#connection.answered();
    this.#rows = data.length;
    const isEmpty = summary.series === 0;
    this.#welcome.element.hidden = !isEmpty;
    this.#welcome.show(summary);
    this.#main.hidden = isEmpty;
    this.#summary.show(summary);
    this.#timeLine.element.hidden = isEmpty;
    this.#timeLine.labels = labelNames(data);
    this.#history.show(summary.history);
    document.title = summary.anomalous > 0 ? `(${formatCount(summary.anomalous)}) Sentio` : 'Sentio';
    this.#toolbar.labels = labelNames(data);
    this.#toolbar.show(summary, data.length, total, groups?.length);
    this.#list.show(data, total, this.#headings(groups));
    this.#trial.update();
    if (this.#first === undefined) {
      this.#first = this.#list.first;
      this.#list.chosen = this.#series;
      this.#explainer.follow(this.#view, this.#series);
      if (this.#view.series === undefined && this.#series !== undefined) this.#forecastFeed.ask();
    }
    const shown = this.#series === undefined ? undefined : this.#list.find(this.#series);
    if (shown !== undefined && this.#forecastFeed.isOf(this.#series!)) this.#detail.showNow(shown);
  }

  #listFailed(error: Error, retryInMs: number): void {
    if (error instanceof Unreachable) {
      this.#connection.lost(retryInMs);
      return;
    }
    this.#connection.answered();
    this.#toolbar.showProblem(problemText(error));
    if (this.#rows === 0 && this.#forecastFeed.isEmpty) this.#detail.showMessage(problemText(error));
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '?' && !isTyping) {
      this.#help.showModal();
      event.preventDefault();
    } else if (event.key === '/' && !isTyping) {
      this.#toolbar.search.focus();
      this.#toolbar.search.select();
      event.preventDefault();
    } else if (event.key === 'ArrowDown' && event.target === this.#toolbar.search) {
      this.#list.element.focus();
      event.preventDefault();
    } else if (event.key === 'Escape' && !isTyping) {
      if (this.#view.why !== undefined) this.#closeWhy();
      else if (this.#view.trial !== undefined) this.#closeTrial();
      else if (!WIDE.matches && this.#view.series !== undefined) this.#leave();
    }
  }
}

/** The labels of these series, the name of the metric first; those of the first thousand say enough. */
function labelNames(data: readonly SeriesJson[]): string[] {
  const names = new Set(data.slice(0, 1_000).flatMap(({ metric }) => Object.keys(metric)));
  names.delete('__name__');
  return ['__name__', ...[...names].sort()];
}
