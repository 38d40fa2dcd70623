import { scoreText } from '../../lib/score-text.js';
import { type Unit, withUnit } from '../../model/samples/unit.js';
import type { Anomaly } from '../measure/anomalies.js';
import type { Interval } from '../measure/events.js';
import type { Replay } from '../replay/replay.js';
import { minute } from '../summary/format-table.js';
import { escapeHtml } from './escape.js';
import { type Frame, intervalOutline, outline, pathOf } from './outline.js';
import { timeTicks } from './time-ticks.js';

export interface ChartOptions {
  readonly fromMs: number;
  readonly untilMs: number;
  /** In units of width of its own; the picture is stretched to the room there is. */
  readonly width: number;
  readonly height: number;
  readonly stepMs: number;
  readonly unit: Unit;
  /** By whose clock times are written. */
  readonly zone: string;
  readonly anomalies: readonly Anomaly[];
  /** What somebody marked. */
  readonly windows: readonly Interval[];
  /** How many labels the time axis has, about. */
  readonly ticks: number;
}

/** Share of the height that is left free above and below the values. */
const MARGIN = 0.08;
/** Of the columns that can be pointed at: a hundred or two in a picture. */
const READING_WIDTH = 6;

/** A picture of a range of a replay as HTML: values, what was expected, the interval, and where alarms were. */
export function chart(replayed: Replay, options: ChartOptions): string {
  const { fromMs, untilMs, width, height, stepMs, unit, zone, anomalies, windows, ticks } = options;
  const { timesMs, observed, yhat, yhatLower, yhatUpper } = replayed;
  const first = lowerBound(timesMs, fromMs);
  const end = lowerBound(timesMs, untilMs);
  const [lowest, highest] = extent([observed, yhat], first, end);
  const room = (highest - lowest) * MARGIN || Math.abs(highest) * MARGIN || 1;
  const frame: Frame = {
    first,
    end,
    xOf: (timeMs) => ((timeMs - fromMs) / (untilMs - fromMs)) * width,
    // The interval may be far wider than anything that came; it is cut off, rather than the values squeezed.
    yOf: (value) =>
      Math.min(2 * height, Math.max(-height, ((highest + room - value) / (highest - lowest + 2 * room)) * height)),
    maxGapMs: Math.max(3 * stepMs, ((untilMs - fromMs) / width) * 2),
  };
  const span = (startMs: number, endMs: number) => {
    const x = Math.max(0, frame.xOf(startMs - stepMs / 2));
    const right = Math.min(width, frame.xOf(endMs + stepMs / 2));
    return { x: Number(x.toFixed(1)), width: Number(Math.max(2, right - x).toFixed(1)) };
  };
  const bar = (name: string, at: { x: number; width: number }, y: number, tall: number, title: string) =>
    `<rect class="${name}" x="${at.x}" width="${at.width}" y="${y}" height="${tall}"><title>${escapeHtml(title)}</title></rect>`;
  const seen = ([startMs, endMs]: Interval) => endMs >= fromMs && startMs < untilMs;
  const marks = [
    ...anomalies
      .filter(({ startMs, endMs }) => seen([startMs, endMs]))
      .map((anomaly) =>
        bar('alarm', span(anomaly.startMs, anomaly.endMs), 0, height, `score ${anomaly.peakScore.toFixed(1)}`),
      ),
    ...windows.filter(seen).map((window) => bar('marked', span(...window), height - 4, 4, 'marked as an anomaly')),
  ];
  const yLabels = [highest, (highest + lowest) / 2, lowest].map(
    (value) => `<span style="top:${((frame.yOf(value) / height) * 100).toFixed(1)}%">${withUnit(value, unit)}</span>`,
  );
  const xLabels = timeTicks(fromMs, untilMs, { count: ticks, zone }).map(
    ({ timeMs, text }) => `<span style="left:${((frame.xOf(timeMs) / width) * 100).toFixed(1)}%">${text}</span>`,
  );
  return `<div class="chart"><div class="y">${yLabels.join('')}</div>
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img">
<path class="interval" d="${intervalOutline(timesMs, { lower: yhatLower, upper: yhatUpper }, frame)}"/>
${marks.join('\n')}
<path class="value" d="${pathOf(outline(timesMs, observed, frame))}"/>
<path class="yhat" d="${pathOf(outline(timesMs, yhat, frame))}"/>
${readings(replayed, frame, options)}
</svg><div class="x">${xLabels.join('')}</div></div>`;
}

/** Invisible columns over the picture, each of which says on hover what is there, at the highest score of its rows. */
function readings(
  { timesMs, observed, yhat, yhatLower, yhatUpper, scores }: Replay,
  { first, end, xOf }: Frame,
  { width, height, unit, zone }: ChartOptions,
): string {
  const columns: string[] = [];
  for (let i = first; i < end; ) {
    const x = Math.floor(xOf(timesMs[i]!) / READING_WIDTH) * READING_WIDTH;
    let row = i;
    for (; i < end && xOf(timesMs[i]!) < x + READING_WIDTH; i++) if (scores[i]! > scores[row]!) row = i;
    const expected = Number.isNaN(yhat[row]!)
      ? ''
      : `\nexpected ${withUnit(yhat[row]!, unit)} (${withUnit(yhatLower[row]!, unit)} … ${withUnit(yhatUpper[row]!, unit)})`;
    const score = Number.isNaN(scores[row]!) ? '' : `\nscore ${scoreText(scores[row]!)}`;
    const text = `${minute(timesMs[row]!, zone)} ${zone}\n${withUnit(observed[row]!, unit)}${expected}${score}`;
    columns.push(
      `<rect class="at" x="${x}" width="${Math.min(READING_WIDTH, width - x)}" height="${height}"><title>${escapeHtml(text)}</title></rect>`,
    );
  }
  return columns.join('');
}

/** Smallest and largest finite value of some columns. */
function extent(columns: readonly Float64Array[], first: number, end: number): [number, number] {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns) {
    for (let i = first; i < end; i++) {
      if (!Number.isFinite(column[i]!)) continue;
      lowest = Math.min(lowest, column[i]!);
      highest = Math.max(highest, column[i]!);
    }
  }
  return lowest <= highest ? [lowest, highest] : [0, 1];
}

/** Index of the first row at or after an instant. */
function lowerBound(timesMs: Float64Array, timeMs: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
