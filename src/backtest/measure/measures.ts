import type { RecordedSeries } from '../input/recorded-series.js';
import type { Replay } from '../replay/replay.js';
import type { Anomaly } from './anomalies.js';
import { type Interval, meets, windowsOf } from './events.js';
import { weeklyRate } from './weekly-rate.js';

const DAY_MS = 86_400_000;
/** Nothing is tracked in a gap that is longer, unless the steps themselves are. */
const MAX_GAP_MS = 3_600_000;

/** How well a replay did. Rows without a forecast, and marked ones, say nothing about forecasts and are left out. */
export interface Measures {
  /** Rows with a forecast that nobody marked. */
  readonly rows: number;
  /** How long there were forecasts and samples, in ms. */
  readonly trackedMs: number;
  /** Mean absolute error of yhat over that of "as a day ago" (Hyndman & Koehler 2006); NaN for less than a day. */
  readonly mase: number;
  /** Share of rows within the interval. */
  readonly coverage: number;
  /** Mean quantile loss of the interval's edges and yhat, in the unit of the series. */
  readonly loss: number;
  /** The same, scaled as MASE is. */
  readonly pinball: number;
  readonly alarms: number;
  /** NaN for less than a week. */
  readonly alarmsPerWeek: number;
  /** Undefined where nobody marked anything. */
  readonly marked: Marked | undefined;
}

/** How well the alarms match the marked anomalies. */
interface Marked {
  /** In the order of time. */
  readonly events: readonly MarkedEvent[];
  /** Alarms that meet one. */
  readonly right: number;
}

/** An anomaly that somebody marked, by its first and last row in Unix milliseconds. */
interface MarkedEvent {
  readonly startMs: number;
  readonly endMs: number;
  /** From its begin to the end of the first step that was in alarm; undefined where no alarm meets it. */
  readonly foundAfterMs: number | undefined;
}

/**
 * `intervalWidth` is the share of rows that the interval was made for; `stepMs` the resolution of the scores. Only rows in
 * [`fromMs`, `untilMs`) count, and `anomalies` are taken to be theirs.
 */
export function measure(
  { samples, labels }: RecordedSeries,
  { observed, yhat, yhatLower, yhatUpper, scores }: Replay,
  anomalies: readonly Anomaly[],
  options: { intervalWidth: number; stepMs: number; fromMs?: number; untilMs?: number },
): Measures {
  const { intervalWidth, stepMs, fromMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = options;
  const { timesMs } = samples;
  const tail = (1 - intervalWidth) / 2;
  const maxGapMs = Math.max(MAX_GAP_MS, 2 * stepMs);
  let [rows, within, error, loss, trackedMs] = [0, 0, 0, 0, 0];
  for (let i = 0; i < timesMs.length; i++) {
    const y = observed[i]!;
    if (timesMs[i]! < fromMs || timesMs[i]! >= untilMs || Number.isNaN(yhat[i]!)) continue;
    const sinceMs = i === 0 ? 0 : timesMs[i]! - timesMs[i - 1]!;
    if (sinceMs <= maxGapMs) trackedMs += sinceMs;
    if (Number.isNaN(y) || labels?.[i] === 1) continue;
    rows++;
    if (y >= yhatLower[i]! && y <= yhatUpper[i]!) within++;
    error += Math.abs(y - yhat[i]!);
    loss +=
      (quantileLoss(y, yhatLower[i]!, tail) +
        quantileLoss(y, yhat[i]!, 0.5) +
        quantileLoss(y, yhatUpper[i]!, 1 - tail)) /
      3;
  }
  const scale = dailyNaiveError(timesMs, observed);
  const windows = labels === undefined ? undefined : windowsOf(timesMs, labels);
  return {
    rows,
    trackedMs,
    mase: error / rows / scale,
    coverage: within / rows,
    loss: loss / rows,
    pinball: loss / rows / scale,
    alarms: anomalies.length,
    alarmsPerWeek: weeklyRate(anomalies.length, trackedMs),
    marked:
      windows &&
      markedOf(
        anomalies,
        windows.filter(([startMs, endMs]) => endMs >= fromMs && startMs < untilMs),
        { timesMs, scores, stepMs },
      ),
  };
}

/** Share of the alarms that were right; NaN where there was none, or nobody marked anything. */
export function precisionOf({ alarms, marked }: Pick<Measures, 'alarms' | 'marked'>): number {
  return marked === undefined ? Number.NaN : marked.right / alarms;
}

/** Share of the marked anomalies that were found; NaN where there is none. */
export function recallOf({ marked }: Pick<Measures, 'marked'>): number {
  if (marked === undefined) return Number.NaN;
  return foundAfterOf([marked]).length / marked.events.length;
}

/** How long after its begin each of the marked anomalies that were found was found, in ms, ascending. */
export function foundAfterOf(all: readonly (Marked | undefined)[]): number[] {
  return all
    .flatMap((marked) => marked?.events ?? [])
    .flatMap(({ foundAfterMs }) => foundAfterMs ?? [])
    .sort((a, b) => a - b);
}

function markedOf(
  anomalies: readonly Anomaly[],
  windows: readonly Interval[],
  { timesMs, scores, stepMs }: { timesMs: Float64Array; scores: Float64Array; stepMs: number },
): Marked {
  const alarms = anomalies.map(({ startMs, endMs }): Interval => [startMs, endMs]);
  const foundAfter = (window: Interval) => {
    const alarm = alarms.find((each) => meets(each, window));
    if (alarm === undefined) return undefined;
    const [startMs] = window;
    // An alarm may have begun before, and have had a pause since.
    const first = timesMs.findIndex((timeMs, i) => timeMs >= Math.max(startMs, alarm[0]) && scores[i]! > 1);
    return timesMs[first]! + stepMs - startMs;
  };
  return {
    events: windows.map((window) => ({ startMs: window[0], endMs: window[1], foundAfterMs: foundAfter(window) })),
    right: alarms.filter((alarm) => windows.some((window) => meets(alarm, window))).length,
  };
}

function quantileLoss(value: number, quantile: number, level: number): number {
  return value >= quantile ? level * (value - quantile) : (1 - level) * (quantile - value);
}

/** Mean absolute error of the forecast "as at this time a day ago"; NaN where no two samples are a day apart. */
function dailyNaiveError(timesMs: Float64Array, values: Float64Array): number {
  let [sum, count, before] = [0, 0, 0];
  for (let i = 0; i < timesMs.length; i++) {
    while (timesMs[before]! < timesMs[i]! - DAY_MS) before++;
    const error = Math.abs(values[i]! - values[before]!);
    if (timesMs[before] !== timesMs[i]! - DAY_MS || Number.isNaN(error)) continue;
    sum += error;
    count++;
  }
  return sum > 0 ? sum / count : Number.NaN;
}
