import uPlot from 'uplot';
import type { MarkerEventJson } from '../../http/api/json/markers.js';
import { valueFormatter } from '../lib/format.js';
import type { Unit } from '../lib/units.js';
import { shownZone } from '../lib/zone.js';
import { type Band, shadeBands } from './bands.js';
import type { Column } from './chart-data.js';
import type { Colors } from './colors.js';
import { drawEvents } from './marks.js';
import { listenForClicks, MIN_DRAG_PX } from './plot-clicks.js';

/** What all plots of one series have in common. */
export interface PlotContext {
  readonly colors: Colors;
  readonly unit: Unit;
  /** Now, in Unix seconds: what is right of it is the future. */
  readonly now: () => number;
  /** The reader dragged over a range of time. */
  readonly zoomed: (start: number, end: number) => void;
  readonly reset: () => void;
  /** The reader clicked on a time; how many seconds on either side of it the pointer covers. */
  readonly clicked: (time: number, reach: number) => void;
  /** Alarms, in Unix seconds: what is drawn behind them is tinted. */
  readonly alarms: () => readonly { readonly start: number; readonly end: number }[];
  /** Excluded times and special days. */
  readonly bands: () => readonly Band[];
  /** What happened: a dashed line each. */
  readonly events: () => readonly MarkerEventJson[];
  /** A time that a line is drawn at, if any. */
  readonly marked: () => number | undefined;
  readonly cursorMoved: (plot: uPlot) => void;
}

const AXIS_WIDTH = 72;
/** However short an alarm was, it is seen. */
const MIN_ALARM_PX = 2;
/** Half as wide as high. */
const MARK_HEAD_PX = 5;
const FONT = '11px system-ui, sans-serif';
/** A value further from the cursor than this has no point on it. */
const POINT_REACH_PX = 8;

/**
 * uPlot's table of tick labels: from this many seconds between ticks on; then what is shown where a year, month, day …
 * begins.
 */
const TIME_LABELS = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [2_419_200, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
] as unknown as uPlot.Axis.Values;

/** The curve itself. Columns: upper, lower, past, future, observed, anomalies. */
export function curvePlot(context: PlotContext, height: number): uPlot.Options {
  const { colors } = context;
  const line = (stroke: string, more: Partial<uPlot.Series> = {}) => ({
    stroke,
    width: 1.25,
    // A smooth curve on whole pixels would be stairs.
    pxAlign: 0,
    points: { show: false },
    ...more,
  });
  return {
    ...common(context, height),
    axes: [timeAxis(colors, true), valueAxis(context)],
    series: [
      {},
      line(colors.interval, { width: 1 }),
      line(colors.interval, { width: 1 }),
      line(colors.expected),
      line(colors.expected, { dash: [5, 4] }),
      // Where points are few they are drawn; a line alone would hide a lone one.
      { stroke: colors.ink, width: 1.25, points: { size: 4, stroke: colors.ink, fill: colors.ink } },
      marks(colors),
    ],
    bands: [{ series: [1, 2], fill: colors.interval }],
  };
}

/** The anomaly score with its threshold. Columns: scores, scores over 1. */
export function scorePlot(context: PlotContext, height: number): uPlot.Options {
  const { colors } = context;
  const options = common(context, height);
  return {
    ...options,
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(1.5, (max ?? 0) * 1.08)] } },
    axes: [
      timeAxis(colors, false),
      { ...valueAxis(context), space: 24, values: (_plot, splits) => splits.map(String) },
    ],
    series: [{}, { stroke: colors.dim, width: 1, points: { show: false } }, marks(colors, 5)],
    hooks: {
      ...options.hooks,
      draw: [...(options.hooks?.draw ?? []), (plot) => drawThreshold(plot, colors)],
    },
  };
}

/** One part of a forecast. Columns: its values. */
export function partPlot(context: PlotContext, height: number): uPlot.Options {
  const { colors } = context;
  return {
    ...common(context, height),
    axes: [timeAxis(colors, false), { ...valueAxis(context), space: 24 }],
    series: [{}, { stroke: colors.expected, width: 1.25, pxAlign: 0, points: { show: false } }],
  };
}

/** Columns as uPlot takes them. */
export function plotData(times: readonly number[], ...columns: readonly Column[]): uPlot.AlignedData {
  return [times as number[], ...columns] as uPlot.AlignedData;
}

function common(context: PlotContext, height: number): uPlot.Options {
  const { colors, now, zoomed, reset, clicked, alarms, bands, events, marked, cursorMoved } = context;
  return {
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), shownZone()),
    width: 300,
    height,
    legend: { show: false },
    padding: [10, 12, 0, 0],
    cursor: {
      y: false,
      // `listenForClicks` distinguishes clicks from drags.
      drag: { x: true, y: false, setScale: false, click: () => {} },
      // The cursor goes through all plots; drags do not.
      sync: { key: 'sentio', filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
      points: { size: 6 },
      // Columns have their values at different times: each shows its nearest, if that is near.
      hover: { prox: POINT_REACH_PX },
      bind: {
        dblclick: () => () => {
          reset();
          return null;
        },
      },
    },
    scales: { x: { time: true } },
    series: [],
    hooks: {
      init: [(plot) => listenForClicks(plot, clicked)],
      drawClear: [
        (plot) => shadeFuture(plot, now(), colors),
        (plot) => shadeBands(plot, bands(), colors),
        (plot) => shadeAlarms(plot, alarms(), colors),
      ],
      draw: [
        (plot) => drawNow(plot, now(), colors),
        (plot) => drawEvents(plot, events(), colors),
        (plot) => drawMark(plot, marked(), colors),
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width >= MIN_DRAG_PX) zoomed(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [cursorMoved],
    },
  };
}

function timeAxis({ dim, line }: Colors, labelled: boolean): uPlot.Axis {
  const grid = { stroke: line, width: 1 };
  const axis = { stroke: dim, font: FONT, grid, ticks: { ...grid, size: 4 }, values: TIME_LABELS, space: 76, size: 36 };
  return labelled ? axis : { ...axis, size: 6, ticks: { show: false }, values: () => [] };
}

function valueAxis({ colors, unit }: PlotContext): uPlot.Axis {
  const grid = { stroke: colors.line, width: 1 };
  return {
    stroke: colors.dim,
    font: FONT,
    grid,
    ticks: { show: false },
    size: AXIS_WIDTH,
    gap: 6,
    values: (_plot, splits, _axis, _space, increment) => {
      const format = valueFormatter(unit, Math.max(...splits.map(Math.abs)), tickResolution(increment));
      return splits.map(format);
    },
  };
}

/** Ticks go by 1, 2, 2.5 or 5 of a power of ten: those by 2.5 need a digit more. */
function tickResolution(increment: number): number {
  const leading = increment / 10 ** Math.floor(Math.log10(increment) + 1e-9);
  return Math.abs(leading - 2.5) < 0.01 ? increment / 10 : increment;
}

/** Points without a line, different from it by shape as well as by colour. */
function marks({ alarm }: Colors, size = 8): uPlot.Series {
  return { paths: () => null, points: { show: true, size, width: 0, fill: alarm } };
}

function shadeFuture(plot: uPlot, now: number, { future }: Colors): void {
  const { ctx, bbox } = plot;
  const from = Math.max(bbox.left, plot.valToPos(now, 'x', true));
  const to = bbox.left + bbox.width;
  if (from >= to) return;
  ctx.fillStyle = future;
  ctx.fillRect(from, bbox.top, to - from, bbox.height);
}

function shadeAlarms(plot: uPlot, alarms: ReturnType<PlotContext['alarms']>, { alarmSoft }: Colors): void {
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  ctx.fillStyle = alarmSoft;
  for (const { start, end } of alarms) {
    const from = Math.max(bbox.left, plot.valToPos(start, 'x', true));
    const to = Math.min(right, Math.max(plot.valToPos(end, 'x', true), from + MIN_ALARM_PX * uPlot.pxRatio));
    if (from < to) ctx.fillRect(from, bbox.top, to - from, bbox.height);
  }
}

function drawNow(plot: uPlot, now: number, { dim }: Colors): void {
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(now, 'x', true));
  if (at < bbox.left || at > bbox.left + bbox.width) return;
  ctx.fillStyle = dim;
  ctx.fillRect(at, bbox.top, Math.max(1, Math.round(uPlot.pxRatio)), bbox.height);
  if (bbox.height < 150 * uPlot.pxRatio) return;
  ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.fillText('now', at + 4 * uPlot.pxRatio, bbox.top + 2 * uPlot.pxRatio);
}

/** A line with a head, over all that is drawn. */
function drawMark(plot: uPlot, time: number | undefined, { ink }: Colors): void {
  const { ctx, bbox } = plot;
  const at = time === undefined ? Number.NaN : Math.round(plot.valToPos(time, 'x', true));
  if (!(at >= bbox.left && at <= bbox.left + bbox.width)) return;
  const size = MARK_HEAD_PX * uPlot.pxRatio;
  ctx.fillStyle = ink;
  ctx.fillRect(at, bbox.top, Math.max(1, Math.round(uPlot.pxRatio)), bbox.height);
  ctx.beginPath();
  ctx.moveTo(at - size, bbox.top - size);
  ctx.lineTo(at + size, bbox.top - size);
  ctx.lineTo(at, bbox.top + size);
  ctx.fill();
}

function drawThreshold(plot: uPlot, { alarm }: Colors): void {
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(1, 'y', true));
  ctx.save();
  ctx.strokeStyle = alarm;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.setLineDash([3 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, at);
  ctx.lineTo(bbox.left + bbox.width, at);
  ctx.stroke();
  ctx.restore();
}
