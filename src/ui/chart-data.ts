import type { CurveJson } from '../http/api.js';

/** A column of a chart: null is a gap, undefined a time that another column needs. */
export type Column = (number | null | undefined)[];

/** A curve as uPlot draws it: every column has a place for every time. */
export interface ChartData {
  readonly times: number[];
  readonly lower: Column;
  readonly upper: Column;
  /** The expectation until now, and from now on. */
  readonly past: Column;
  readonly future: Column;
  readonly observed: Column;
  /** Observed values whose score is over 1. */
  readonly anomalies: Column;
  readonly scores: Column;
}

type Curve = Pick<CurveJson, 'observed' | 'forecast' | 'step' | 'resolution'>;

/** Slots in a row may be missing one; where more are, the line breaks. */
const MAX_SLOTS_BETWEEN = 2.5;

/** Puts the observed values and the forecast, each at its own times, onto the times of both. `now` is in seconds. */
export function chartData({ observed, forecast, step, resolution }: Curve, now: number): ChartData {
  const data: ChartData = {
    times: [],
    lower: [],
    upper: [],
    past: [],
    future: [],
    observed: [],
    anomalies: [],
    scores: [],
  };
  let row = -1;
  const rowAt = (time: number) => {
    if (row < 0 || data.times[row] !== time) {
      row = data.times.push(time) - 1;
      for (const column of columnsOf(data)) column.push(undefined);
    }
    return row;
  };
  const addObserved = (i: number) => {
    const at = rowAt(observed.times[i]!);
    const score = observed.anomaly_score[i];
    data.observed[at] = observed.values[i];
    data.scores[at] = score;
    if (score != null && score > 1) data.anomalies[at] = observed.values[i];
  };
  const addGap = (time: number) => {
    const at = rowAt(time);
    data.observed[at] = null;
    data.scores[at] = null;
  };
  const addForecast = (i: number) => {
    const time = forecast!.times[i]!;
    const at = rowAt(time);
    data.lower[at] = forecast!.yhat_lower[i];
    data.upper[at] = forecast!.yhat_upper[i];
    if (time <= now) data.past[at] = forecast!.yhat[i];
    // Both halves have the last point of the past, so that the line is whole.
    if (time >= now || (forecast!.times[i + 1] ?? time) > now) data.future[at] = forecast!.yhat[i];
  };
  const gaps = gapTimes(observed, step, resolution);
  const forecastTimes = forecast?.times ?? [];
  let [i, j, k] = [0, 0, 0];
  for (;;) {
    const [nextObserved, nextForecast, nextGap] = [head(observed.times, i), head(forecastTimes, j), head(gaps, k)];
    const next = Math.min(nextObserved, nextForecast, nextGap);
    if (next === Number.POSITIVE_INFINITY) break;
    if (next === nextObserved) addObserved(i++);
    else if (next === nextForecast) addForecast(j++);
    else addGap(gaps[k++]!);
  }
  return data;
}

/** Index of the time nearest to `time` in ascending `times`; −1 where there is none. */
export function nearestIndex(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  if (low === times.length) return low - 1;
  return low > 0 && time - times[low - 1]! < times[low]! - time ? low - 1 : low;
}

/** A time within each stretch where values are missing. */
function gapTimes({ times, steps_from }: Curve['observed'], step: number, resolution: number): number[] {
  const gaps: number[] = [];
  for (let i = 1; i < times.length; i++) {
    const before = times[i - 1]!;
    const width = steps_from !== null && before >= steps_from ? step : resolution;
    if (times[i]! - before > MAX_SLOTS_BETWEEN * width) gaps.push((before + times[i]!) / 2);
  }
  return gaps;
}

function head(times: readonly number[], i: number): number {
  return times[i] ?? Number.POSITIVE_INFINITY;
}

function columnsOf({ lower, upper, past, future, observed, anomalies, scores }: ChartData): Column[] {
  return [lower, upper, past, future, observed, anomalies, scores];
}
