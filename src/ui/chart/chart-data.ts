import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';

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

type Curve = Pick<ForecastSeriesJson, 'observed' | 'forecast' | 'step' | 'resolution'>;

/** Buckets in a row may be missing one; where more are, the line breaks, */
const MAX_BUCKETS_BETWEEN = 2.5;
/** but not where PromQL would still draw it, which looks back 5 minutes. */
const LOOKBACK_SECONDS = 300;

/** Puts the observed values and the forecast, each at its own times, onto the times of both. `now` is in seconds. */
export function chartData(curve: Curve, now: number): ChartData {
  const { observed, forecast } = curve;
  const gaps = gapsOf(curve);
  const data: ChartData = {
    times: ascending([...observed.times, ...(forecast?.times ?? []), ...gaps.values()]),
    lower: [],
    upper: [],
    past: [],
    future: [],
    observed: [],
    anomalies: [],
    scores: [],
  };
  let i = 0;
  let j = 0;
  data.times.forEach((time, row) => {
    if (observed.times[i] === time) {
      const score = observed.anomaly_score[i];
      data.observed[row] = observed.values[i];
      data.scores[row] = score;
      data.anomalies[row] = isAnomalous(score) ? observed.values[i] : undefined;
      i++;
    } else {
      // Every time of another column within the gap has to say that it is one.
      const here = gaps.has(i) ? null : undefined;
      data.observed[row] = here;
      data.scores[row] = here;
      data.anomalies[row] = undefined;
    }
    const isForecast = forecast?.times[j] === time;
    const yhat = isForecast ? forecast.yhat[j] : undefined;
    data.lower[row] = isForecast ? forecast.yhat_lower[j] : undefined;
    data.upper[row] = isForecast ? forecast.yhat_upper[j] : undefined;
    data.past[row] = time <= now ? yhat : undefined;
    // Both halves have the last point of the past, so that the line is whole.
    data.future[row] = time > now || (forecast?.times[j + 1] ?? time) > now ? yhat : undefined;
    if (isForecast) j++;
  });
  return data;
}

/** Whether a score is an alarm; false without a score. */
function isAnomalous(score: number | null | undefined): boolean {
  return score != null && score > 1;
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

/** Where values are missing: by the index of the value after the gap, a time within it. */
function gapsOf({ observed: { times, steps_from: stepsFrom }, step, resolution }: Curve): Map<number, number> {
  const gaps = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const before = times[i - 1]!;
    const width = stepsFrom !== null && before >= stepsFrom ? step : resolution;
    const apart = times[i]! - before;
    if (apart > Math.max(MAX_BUCKETS_BETWEEN * width, LOOKBACK_SECONDS)) gaps.set(i, before + apart / 2);
  }
  return gaps;
}

function ascending(times: readonly number[]): number[] {
  return Array.from(Float64Array.from(new Set(times)).sort());
}
