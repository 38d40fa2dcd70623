import type { SeriesStore } from '../../series/series-store.js';
import { forecastOn } from '../expectation/expectation.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/** The last hours of a series in few points, each `stepMs` wide; NaN where nothing is known. */
export interface Sparkline {
  readonly startMs: number;
  readonly stepMs: number;
  readonly values: Float64Array;
  /** Empty before the first fit. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

const POINTS = 48;
/** As many steps as a point has at most, and as far as it looks back at most. */
const STEPS_PER_POINT = 15;
const MAX_SPAN_MS = 6 * 3_600_000;

/** Of each point the value that is farthest from what is expected, so that a short alarm is seen. */
export function sparklineOf(store: SeriesStore, series: TrackedSeries, nowMs: number): Sparkline {
  const { id, model } = series;
  const { stepMs: width } = store.settings(id);
  const stepMs = Math.max(width, Math.floor(Math.min(STEPS_PER_POINT * width, MAX_SPAN_MS / POINTS) / width) * width);
  const startMs = (Math.floor(nowMs / stepMs) + 1 - POINTS) * stepMs;
  const times = Float64Array.from({ length: POINTS }, (_, i) => startMs + (i + 0.5) * stepMs);
  const forecast = model === undefined ? undefined : forecastOn(store, series, times);
  const values = new Float64Array(POINTS).fill(Number.NaN);
  const observed = store.readSteps(id, startMs, nowMs);
  observed.timesMs.forEach((timeMs, i) => {
    const point = Math.floor((timeMs - startMs) / stepMs);
    const value = observed.values[i]!;
    const expected = forecast?.yhat[point] ?? 0;
    const isFarther = !(Math.abs(value - expected) <= Math.abs(values[point]! - expected));
    if (point >= 0 && point < POINTS && isFarther) values[point] = value;
  });
  const none = new Float64Array(0);
  return { startMs, stepMs, values, lower: forecast?.yhatLower ?? none, upper: forecast?.yhatUpper ?? none };
}
