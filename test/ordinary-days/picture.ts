import { DAY, MONDAY, type Outcome } from './instance.js';

/** An alarm as it is drawn. */
export interface DrawnAlarm {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: string;
}

const WIDTH = 720;
const HEIGHT = 170;
const TOP = 22;
const BOTTOM = 20;
const LEFT = 8;
/** A column of the picture is so many pixels wide: what is finer is drawn as the range of its values. */
const COLUMN = 2;
const COLUMNS = (WIDTH - 2 * LEFT) / COLUMN;
/** An alarm is at least so wide, in pixels. */
const MIN_ALARM = 3;

/** The page's colours; a picture follows the reader's light or dark mode by itself. */
const STYLE = `
.b{fill:#fff}.o{fill:none;stroke:#191c20}.e{fill:none;stroke:#0072b2;stroke-width:1.2}.i{fill:#0072b2;fill-opacity:.16}
.a{fill:#c04a00;fill-opacity:.16}.k{fill:#c04a00}.t{fill:#5a626d}text{font:12px system-ui,sans-serif}
@media(prefers-color-scheme:dark){.b{fill:#131619}.o{stroke:#e8eaed}.e{stroke:#56b4e9}.i{fill:#56b4e9;fill-opacity:.2}
.a{fill:#ff8b4a;fill-opacity:.2}.k{fill:#ff8b4a}.t{fill:#9aa4af}}`.replaceAll('\n', '');

/**
 * An SVG of what was observed (black), what was expected with its interval (blue), and the alarms (orange), over days that are
 * counted from the first one.
 */
export function picture(
  outcome: Outcome,
  alarms: readonly DrawnAlarm[],
  days: readonly [from: number, to: number],
  title: string,
): string {
  const fromMs = MONDAY + days[0] * DAY;
  const toMs = MONDAY + days[1] * DAY;
  const columns = columnsOf(outcome, fromMs, toMs);
  const seen = columns.filter(({ count }) => count > 0);
  const least = Math.min(...seen.map(({ low, lower }) => Math.min(low, lower)));
  const most = Math.max(...seen.map(({ high, upper }) => Math.max(high, upper)));
  const x = (column: number) => LEFT + column * COLUMN + COLUMN / 2;
  const atMs = (timeMs: number) => LEFT + ((timeMs - fromMs) / (toMs - fromMs)) * COLUMNS * COLUMN;
  const y = (value: number) => round(HEIGHT - BOTTOM - ((value - least) / (most - least)) * (HEIGHT - TOP - BOTTOM));
  const path = (points: readonly string[]) => (points.length === 0 ? '' : `M${points.join('L')}`);
  const observed = columns.flatMap((each, i) =>
    each.count === 0 ? [] : [`${x(i)} ${y(each.low)}`, ...(each.high > each.low ? [`${x(i)} ${y(each.high)}`] : [])],
  );
  const points = (of: (each: Column) => number) =>
    columns.flatMap((each, i) => (each.count === 0 ? [] : `${x(i)} ${y(of(each))}`));
  const interval = [...points(({ upper }) => upper), ...points(({ lower }) => lower).reverse()];
  const shown = alarms.filter((alarm) => alarm.toMs > fromMs && alarm.fromMs < toMs);
  const tints = shown.map((alarm) => {
    const from = round(Math.max(LEFT, atMs(alarm.fromMs)));
    const width = round(Math.max(MIN_ALARM, Math.min(WIDTH - LEFT, atMs(alarm.toMs)) - from));
    return `<rect class="a" x="${from}" y="${TOP}" width="${width}" height="${HEIGHT - TOP - BOTTOM}"/>`;
  });
  // Names that would be drawn over one another are left out.
  let free = 0;
  const names = shown.flatMap((alarm) => {
    const at = Math.min(WIDTH - 60, Math.max(LEFT, round(atMs(alarm.fromMs))));
    if (at < free) return [];
    free = at + 60;
    return `<text class="k" x="${at}" y="${TOP - 7}">${alarm.kind}</text>`;
  });
  const ticks = ticksOf(days).map(
    ({ day, text }) => `<text class="t" x="${round(atMs(MONDAY + day * DAY))}" y="${HEIGHT - 5}">${text}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title><style>${STYLE}</style><rect class="b" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    ...tints,
    `<path class="i" d="${path(interval)}Z"/>`,
    `<path class="e" d="${path(points(({ yhat }) => yhat))}"/>`,
    `<path class="o" d="${path(observed)}"/>`,
    ...names,
    ...ticks,
    '</svg>\n',
  ].join('');
}

/** Days, every other one where they are many, or every third hour where they are one or two. */
function ticksOf([from, to]: readonly [number, number]): { day: number; text: string }[] {
  const apart = to - from < 1.2 ? 1 / 8 : to - from > 10 ? 2 : 1;
  const first = Math.ceil(from / apart);
  return Array.from({ length: Math.ceil((to - 0.06 * (to - from)) / apart) - first }, (_, i) => {
    const day = (first + i) * apart;
    const text = apart < 1 ? `${String(Math.round(24 * (day % 1))).padStart(2, '0')}:00` : `day ${day + 1}`;
    return { day, text };
  });
}

interface Column {
  count: number;
  low: number;
  high: number;
  yhat: number;
  lower: number;
  upper: number;
}

/** The range of the observed values of each column, and what was expected at its last one. */
function columnsOf({ timesMs, observed, yhat, yhatLower, yhatUpper }: Outcome, fromMs: number, toMs: number): Column[] {
  const columns = Array.from(
    { length: COLUMNS },
    (): Column => ({
      count: 0,
      low: Number.POSITIVE_INFINITY,
      high: Number.NEGATIVE_INFINITY,
      yhat: 0,
      lower: 0,
      upper: 0,
    }),
  );
  for (let i = 0; i < timesMs.length; i++) {
    const at = Math.floor(((timesMs[i]! - fromMs) / (toMs - fromMs)) * COLUMNS);
    const column = columns[at];
    if (column === undefined || !Number.isFinite(observed[i]!) || !Number.isFinite(yhat[i]!)) continue;
    column.count++;
    column.low = Math.min(column.low, observed[i]!);
    column.high = Math.max(column.high, observed[i]!);
    [column.yhat, column.lower, column.upper] = [yhat[i]!, yhatLower[i]!, yhatUpper[i]!];
  }
  return columns;
}

function round(value: number): number {
  return Math.round(value);
}
