import { escapeHtml } from '../backtest/report/escape.js';
import { type Frame, intervalOutline, outline, pathOf } from '../backtest/report/outline.js';
import { timeTicks } from '../backtest/report/time-ticks.js';
import { type Unit, withUnit } from '../model/samples/unit.js';
import type { Outlook } from './outlook.js';

const WIDTH = 1000;
const LEFT = 70;
const RIGHT = 10;
const MAIN_HEIGHT = 280;
const PART_HEIGHT = 110;
const GAP = 44;
/** Share of a panel that is left free above and below its lines. */
const MARGIN = 0.06;
/** History is shown as far back as this many horizons, and a week at least. */
const SHOWN_HORIZONS = 4;
const MIN_SHOWN_MS = 7 * 86_400_000;

const STYLE = `
svg { background: light-dark(#fff, #131619); color-scheme: light dark; font: 12px system-ui, sans-serif; }
text { fill: light-dark(#5a626d, #9aa4af); }
text.title { fill: light-dark(#191c20, #e8eaed); font-size: 14px; font-weight: 600; }
line { stroke: light-dark(#e2e5e9, #2b3138); }
.value { fill: none; stroke: light-dark(#191c20, #e8eaed); }
.yhat { fill: none; stroke: light-dark(#0072b2, #56b4e9); stroke-width: 1.5; }
.interval { fill: light-dark(rgb(0 114 178 / 0.16), rgb(86 180 233 / 0.2)); }`;

/** One panel: a column of times, and what is drawn over them. */
interface Panel {
  readonly title: string;
  readonly height: number;
  readonly timesMs: Float64Array;
  readonly yhat: Float64Array;
  readonly interval?: { readonly lower: Float64Array; readonly upper: Float64Array };
  readonly values?: { readonly timesMs: Float64Array; readonly values: Float64Array };
}

/** The future of a series as an SVG image of its own: history, forecast and interval, and below them trend and seasons. */
export function drawOutlook(outlook: Outlook, unit: Unit): string {
  const { name, forecast, components, recorded, lastMs, stepMs, timezone } = outlook;
  const { timesMs, yhat, yhatLower, yhatUpper } = forecast;
  const endMs = timesMs.at(-1)!;
  const startMs = Math.max(
    recorded.samples.timesMs[0]!,
    lastMs - Math.max(MIN_SHOWN_MS, SHOWN_HORIZONS * (endMs - lastMs)),
  );
  const panels: Panel[] = [
    {
      title: timezone === 'UTC' ? name : `${name} (${timezone})`,
      height: MAIN_HEIGHT,
      timesMs,
      yhat,
      interval: { lower: yhatLower, upper: yhatUpper },
      values: recorded.samples,
    },
    { title: 'trend', height: PART_HEIGHT, timesMs, yhat: components.trend },
    ...components.seasonalities.map((season) => ({
      title: season.multiplicative ? `${season.name} (what it adds to the trend)` : season.name,
      height: PART_HEIGHT,
      timesMs,
      yhat: season.values,
    })),
  ];
  let top = 24;
  const drawn = panels.map((panel) => {
    // The parts show the future alone, where a season is wide enough to be seen.
    const fromMs = panel.values === undefined ? timesMs[0]! : startMs;
    const text = `<g transform="translate(0 ${top})">${draw(panel, { fromMs, endMs, lastMs, stepMs, unit, zone: timezone })}</g>`;
    top += panel.height + GAP;
    return text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="${escapeHtml(`Forecast of ${name}`)}"><style>${STYLE}</style>
${drawn.join('\n')}
</svg>`;
}

function draw(
  { title, height, timesMs, yhat, interval, values }: Panel,
  {
    fromMs,
    endMs,
    lastMs,
    stepMs,
    unit,
    zone,
  }: { fromMs: number; endMs: number; lastMs: number; stepMs: number; unit: Unit; zone: string },
): string {
  const known = values ?? { timesMs: new Float64Array(0), values: new Float64Array(0) };
  const shown = known.timesMs.findIndex((timeMs) => timeMs >= fromMs);
  const past = shown < 0 ? known.timesMs.length : shown;
  const all = [...known.values.subarray(past), ...yhat, ...(interval?.lower ?? []), ...(interval?.upper ?? [])];
  const [low, high] = extent(all);
  const room = (high - low) * MARGIN || Math.abs(high) * MARGIN || 1;
  const xOf = (timeMs: number) => LEFT + ((timeMs - fromMs) / (endMs - fromMs)) * (WIDTH - LEFT - RIGHT);
  const yOf = (value: number) => ((high + room - value) / (high - low + 2 * room)) * height;
  const frameOf = (first: number, end: number): Frame => ({ first, end, xOf, yOf, maxGapMs: Number.POSITIVE_INFINITY });
  const whole = frameOf(0, timesMs.length);
  const rows = frameOf(past, known.timesMs.length);
  const x = timeTicks(fromMs, endMs, { count: 10, zone }).map(
    ({ timeMs, text }) =>
      `<line x1="${xOf(timeMs).toFixed(1)}" x2="${xOf(timeMs).toFixed(1)}" y2="${height}"/><text x="${xOf(timeMs).toFixed(1)}" y="${height + 14}" text-anchor="middle">${text}</text>`,
  );
  const y = [high, (high + low) / 2, low].map(
    (value) =>
      `<text x="${LEFT - 6}" y="${(yOf(value) + 4).toFixed(1)}" text-anchor="end">${escapeHtml(withUnit(value, unit))}</text>`,
  );
  const now =
    lastMs > fromMs
      ? `<line x1="${xOf(lastMs).toFixed(1)}" x2="${xOf(lastMs).toFixed(1)}" y2="${height}" stroke-dasharray="4 3"/>`
      : '';
  return [
    `<text class="title" x="${LEFT}" y="-8">${escapeHtml(title)}</text>`,
    ...x,
    ...y,
    now,
    interval === undefined ? '' : `<path class="interval" d="${intervalOutline(timesMs, interval, whole)}"/>`,
    values === undefined
      ? ''
      : `<path class="value" d="${pathOf(outline(known.timesMs, known.values, { ...rows, maxGapMs: 3 * stepMs }))}"/>`,
    `<path class="yhat" d="${pathOf(outline(timesMs, yhat, whole))}"/>`,
  ].join('');
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}
