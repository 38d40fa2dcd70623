import type { TimeGrid } from '../../forecast/design/time-grid.js';
import { evaluate, evaluateOn } from '../../forecast/model/evaluate.js';
import type { Forecast } from '../../model/samples/columns.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const DAY_MS = 86_400_000;
/** Values of the last day that the line goes through, at most: each costs an evaluation of the model. */
const MAX_POINTS = 48;
/** Fewer say nothing about growth. */
const MIN_POINTS = 6;
/** Neighbours are alike: as if so many values of the last day were independent. */
const INDEPENDENT = 8;
/** Of a growth that the model does not know yet, a share of 1/e goes on after this time. */
const LASTING_MS = 2 * DAY_MS;
/** The same of how far the newest value is from that line: what a season that is no smooth curve leaves. */
const NEAR_MS = DAY_MS / 4;

/**
 * What becomes of a series if it goes on growing, at ascending times after the step that was scored last: the model with its trend
 * and seasons, from where the series is now, and with as much of the growth of the last day as the model does not know.
 *
 * Forecasts up to a day ahead do better with the level of now, because a slope is mostly an accident of the fit; they cannot
 * say when a disk is full.
 */
export function growthOn(store: SeriesStore, series: TrackedSeries, grid: TimeGrid): Forecast {
  const { prophet, interval } = store.settings(series.id);
  const forecast = evaluateOn(series.model!, grid, { intervalWidth: prophet.intervalWidth });
  if (interval === 'calibrated') series.calibration.stretch(forecast);
  const { timesMs, yhat, yhatLower, yhatUpper } = forecast;
  const { offset, slope, near } = strayingOf(store, series);
  for (let i = 0; i < timesMs.length; i++) {
    const aheadMs = timesMs[i]! - series.scoredUntilMs;
    const shift =
      offset + slope * LASTING_MS * (1 - Math.exp(-aheadMs / LASTING_MS)) + near * Math.exp(-aheadMs / NEAR_MS);
    yhat[i]! += shift;
    yhatLower[i]! += shift;
    yhatUpper[i]! += shift;
  }
  return forecast;
}

/** How far the series is from its model now, and by how much more every millisecond, by a line through the last day. */
function strayingOf(store: SeriesStore, series: TrackedSeries): { offset: number; slope: number; near: number } {
  const { id, scoredUntilMs, levelShifts } = series;
  const fromMs = Math.max(scoredUntilMs - DAY_MS, levelShifts.at(-1)?.atMs ?? 0);
  const { timesMs, values } = thinned(store.readHistory(id, fromMs, scoredUntilMs));
  const { yhat } = evaluate(series.model!, timesMs, { intervalWidth: 0.5 });
  let [n, x1, y1, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < timesMs.length; i++) {
    const x = (timesMs[i]! - scoredUntilMs) / DAY_MS;
    const y = values[i]! - yhat[i]!;
    if (Number.isNaN(y)) continue;
    [n, x1, y1, xx, xy, yy] = [n + 1, x1 + x, y1 + y, xx + x * x, xy + x * y, yy + y * y];
  }
  if (n < MIN_POINTS) return { offset: n === 0 ? 0 : y1 / n, slope: 0, near: 0 };
  const spread = xx - (x1 * x1) / n;
  const along = xy - (x1 * y1) / n;
  const slope = along / spread;
  const rest = Math.max(0, yy - (y1 * y1) / n - slope * along);
  const variance = rest / spread / (INDEPENDENT - 2);
  const kept = slope === 0 ? 0 : slope * Math.max(0, 1 - variance / (slope * slope));
  const offset = y1 / n - kept * (x1 / n);
  const last = values.at(-1)! - yhat.at(-1)!;
  return {
    offset,
    slope: kept / DAY_MS,
    near: Number.isNaN(last) ? 0 : last - offset - kept * ((timesMs.at(-1)! - scoredUntilMs) / DAY_MS),
  };
}

function thinned({ timesMs, values }: { timesMs: Float64Array; values: Float64Array }) {
  const every = Math.ceil(timesMs.length / MAX_POINTS);
  const isKept = (_: number, i: number) => (timesMs.length - 1 - i) % every === 0;
  return { timesMs: timesMs.filter(isKept), values: values.filter(isKept) };
}
