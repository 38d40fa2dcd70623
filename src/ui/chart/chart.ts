import uPlot from 'uplot';
import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import { h, setAttribute } from '../lib/dom.js';
import { unitOf } from '../lib/units.js';
import { bandsOf } from './bands.js';
import { type ChartData, chartData } from './chart-data.js';
import { readColors } from './colors.js';
import { MOUSE_REACH_PX } from './plot-clicks.js';
import { curvePlot, type PlotContext, partPlot, plotData, scorePlot } from './plots.js';
import { nextIndex } from './pointing.js';
import { Readout } from './readout.js';

const SCORE_HEIGHT = 84;
const PART_HEIGHT = 84;
/** A key zooms by this factor, and pans by a quarter of what is seen. */
const KEY_ZOOM = 2;

/** A range of time in Unix seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

export interface ChartEvents {
  readonly zoomed: (range: TimeRange) => void;
  readonly reset: () => void;
  /** The reader asks about a step, by a click or tap on it or by Enter. */
  readonly asked: (time: number, how: 'pointer' | 'key') => void;
}

/** The plots of one series, one below the other on one time axis: the curve, the score, and the parts on demand. */
export class Chart {
  readonly element = h('div', { class: 'chart', tabindex: '0', role: 'group' });
  readonly readout = new Readout();
  readonly #events: ChartEvents;
  #plots: uPlot[] = [];
  /** What the plots were built for; they are rebuilt when it changes. */
  #builtFor = '';
  #curve: ForecastSeriesJson | undefined;
  #range: TimeRange = { start: 0, end: 1 };
  #now = 0;
  #marked: number | undefined;
  /** Index of the observed value that the arrow keys are at. */
  #keyIndex: number | undefined;
  #keyMoves = false;

  constructor(events: ChartEvents) {
    this.#events = events;
    this.element.addEventListener('keydown', (event) => this.#keyPressed(event));
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** Draws `curve` over `range`; `now` is the time of the answer. */
  show(curve: ForecastSeriesJson, range: TimeRange, now: number): void {
    this.#curve = curve;
    this.#range = range;
    this.#now = now;
    const parts = curve.forecast?.components ?? [];
    const builtFor = JSON.stringify([curve.metric, curve.aggregate, parts.map(({ name }) => name)]);
    if (builtFor !== this.#builtFor) this.#build(builtFor);
    this.readout.of(curve);
    setAttribute(
      this.element,
      'aria-label',
      `Chart of ${curve.metric.__name__}, what was observed and what is expected. Left and right arrows go from value to value, Enter explains the value, shift with arrows moves the range, plus and minus zoom, 0 resets.`,
    );
    this.#draw(chartData(curve, now));
  }

  /** The time a line is drawn at, if any. */
  set marked(time: number | undefined) {
    if (time === this.#marked) return;
    this.#marked = time;
    for (const plot of this.#plots) plot.redraw(false);
  }

  /** Redraws everything in the present colours. */
  recolor(): void {
    if (this.#curve === undefined) return;
    this.#builtFor = '';
    this.show(this.#curve, this.#range, this.#now);
  }

  #build(builtFor: string): void {
    for (const plot of this.#plots) plot.destroy();
    const curve = this.#curve!;
    const context: PlotContext = {
      colors: readColors(),
      unit: unitOf(curve.metric.__name__ ?? '', curve.aggregate),
      now: () => this.#now,
      alarms: () => this.#curve!.alarms.filter((alarm) => !alarm.suppressed),
      bands: () => bandsOf(this.#curve!),
      events: () => this.#curve!.events,
      marked: () => this.#marked,
      clicked: (time, reach) => this.#clicked(time, reach),
      zoomed: (start, end) => this.#events.zoomed({ start, end }),
      reset: this.#events.reset,
      cursorMoved: (plot) => this.#cursorMoved(plot),
    };
    const titles = ['', 'anomaly score', ...(curve.forecast?.components ?? []).map(({ name }) => name)];
    const frames = titles.map((title) => h('figure', { class: 'plot' }, title !== '' && h('figcaption', {}, title)));
    this.element.replaceChildren(...frames);
    this.#plots = frames.map((frame, i) => {
      if (i === 0)
        return new uPlot(curvePlot(context, this.#curveHeight()), plotData([], [], [], [], [], [], []), frame);
      if (i === 1) return new uPlot(scorePlot(context, SCORE_HEIGHT), plotData([], [], []), frame);
      return new uPlot(partPlot(context, PART_HEIGHT), plotData([], []), frame);
    });
    this.#builtFor = builtFor;
    this.#keyIndex = undefined;
    this.#resize();
  }

  #draw(data: ChartData): void {
    const { times } = data;
    const scoresOver = data.anomalies.map((value, i) => (value == null ? undefined : data.scores[i]));
    const forecast = this.#curve?.forecast;
    const columns = [
      plotData(times, data.upper, data.lower, data.past, data.future, data.observed, data.anomalies),
      plotData(times, data.scores, scoresOver),
      ...(forecast?.components ?? []).map(({ values }) => plotData(forecast!.times, [...values])),
    ];
    this.#plots.forEach((plot, i) => {
      plot.batch(() => {
        plot.setData(columns[i]!, false);
        plot.setScale('x', { min: this.#range.start, max: this.#range.end });
      });
    });
  }

  #resize(): void {
    const width = Math.floor(this.element.clientWidth);
    if (width === 0) return;
    const heights = [this.#curveHeight(), SCORE_HEIGHT];
    for (const [i, plot] of this.#plots.entries()) plot.setSize({ width, height: heights[i] ?? PART_HEIGHT });
  }

  #curveHeight(): number {
    return Math.round(Math.min(Math.max(window.innerHeight * 0.44, 240), 460));
  }

  #cursorMoved(plot: uPlot): void {
    if (plot !== this.#plots[0]) return;
    const { left } = plot.cursor;
    if (left === undefined || left < 0) this.readout.at(undefined);
    else if (this.#keyMoves) this.readout.at(plot.posToVal(left, 'x'), 0, true);
    else this.readout.at(plot.posToVal(left, 'x'), plot.posToVal(MOUSE_REACH_PX, 'x') - plot.posToVal(0, 'x'));
  }

  #clicked(time: number, reach: number): void {
    this.readout.at(time, reach);
    this.#ask('pointer');
  }

  /** A click asks about the step that the readout shows. */
  #ask(how: 'pointer' | 'key'): void {
    const { pointed } = this.readout;
    if (pointed !== undefined) this.#events.asked(pointed.time, how);
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#plots.length === 0) return;
    const { start, end } = this.#range;
    const span = end - start;
    const direction = event.key === 'ArrowLeft' ? -1 : 1;
    const middle = this.#keyTime() ?? (start + end) / 2;
    switch (event.key) {
      case 'ArrowLeft':
      case 'ArrowRight':
        if (event.shiftKey) this.#zoomAround((start + end) / 2 + (direction * span) / 4, span);
        else this.#moveCursor(direction);
        break;
      case '+':
      case '=':
        this.#zoomAround(middle, span / KEY_ZOOM);
        break;
      case '-':
        this.#zoomAround(middle, span * KEY_ZOOM);
        break;
      case 'Enter':
        this.#ask('key');
        break;
      case 'Escape':
        // Takes the mark away first.
        if (this.#marked !== undefined) return;
        this.#events.reset();
        break;
      case '0':
        this.#events.reset();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #zoomAround(middle: number, span: number): void {
    this.#events.zoomed({ start: middle - span / 2, end: middle + span / 2 });
  }

  #keyTime(): number | undefined {
    return this.#keyIndex === undefined ? undefined : this.#curve?.observed.times[this.#keyIndex];
  }

  /** From value to value; about a hundred presses cross the range, and one for each alarm. */
  #moveCursor(direction: number): void {
    const { times, anomaly_score: scores } = this.#curve!.observed;
    if (times.length === 0) return;
    const stride = Math.max(1, Math.round(times.length / 100));
    const from = this.#keyIndex ?? times.length - 1 - direction * stride;
    this.#keyIndex = nextIndex(scores, from, direction, stride);
    const plot = this.#plots[0]!;
    const time = times[this.#keyIndex]!;
    this.#keyMoves = true;
    plot.setCursor({ left: plot.valToPos(time, 'x'), top: plot.bbox.height / uPlot.pxRatio / 2 });
    this.#keyMoves = false;
  }
}
