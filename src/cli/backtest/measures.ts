import type { RecordedSeries } from './csv.js';
import { alarmsOf, windowsOf } from './events.js';
import type { Replay } from './replay.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** How well a replay did. Rows without a forecast, and labelled ones, say nothing about forecasts and are left out. */
export interface Measures {
  /** Rows with a forecast. */
  readonly rows: number;
  /** Mean absolute error of yhat over that of "as a day ago" (Hyndman & Koehler 2006); NaN for less than a day. */
  readonly mase: number;
  /** Share of rows within the band. */
  readonly coverage: number;
  /** Mean quantile loss of the band's edges and yhat, scaled as MASE is. */
  readonly pinball: number;
  readonly alarms: number;
  readonly alarmsPerWeek: number;
  /** Of alarms: share that meets a labelled anomaly; of labelled anomalies: share that an alarm meets. NaN without labels. */
  readonly precision: number;
  readonly recall: number;
}

/** `intervalWidth` is the share of rows that the band was made for; `stepMs` the resolution of the scores. */
export function measure(
  { samples, labels }: RecordedSeries,
  { yhat, yhatLower, yhatUpper, scores }: Replay,
  { intervalWidth, stepMs }: { intervalWidth: number; stepMs: number },
): Measures {
  const { timesMs, values } = samples;
  const tail = (1 - intervalWidth) / 2;
  let [rows, within, error, loss] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const y = values[i]!;
    if (Number.isNaN(y) || Number.isNaN(yhat[i]!) || labels?.[i] === 1) continue;
    rows++;
    if (y >= yhatLower[i]! && y <= yhatUpper[i]!) within++;
    error += Math.abs(y - yhat[i]!);
    loss +=
      (quantileLoss(y, yhatLower[i]!, tail) +
        quantileLoss(y, yhat[i]!, 0.5) +
        quantileLoss(y, yhatUpper[i]!, 1 - tail)) /
      3;
  }
  const scale = dailyNaiveError(timesMs, values);
  const alarms = alarmsOf(timesMs, scores, stepMs);
  const weeks = (rows * stepMs) / WEEK_MS;
  const windows = labels === undefined ? [] : windowsOf(timesMs, labels);
  const meets = (a: readonly [number, number], b: readonly [number, number]) => a[0] <= b[1] && b[0] <= a[1];
  return {
    rows,
    mase: error / rows / scale,
    coverage: within / rows,
    pinball: loss / rows / scale,
    alarms: alarms.length,
    alarmsPerWeek: alarms.length / weeks,
    precision:
      labels === undefined ? Number.NaN : alarms.filter((a) => windows.some((w) => meets(a, w))).length / alarms.length,
    recall: windows.filter((w) => alarms.some((a) => meets(a, w))).length / windows.length,
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
