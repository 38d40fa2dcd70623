import type { Samples } from '../../model/samples/columns.js';
import type { FitCalendar } from '../../model/samples/fit-calendar.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import { TimeGrid } from '../design/time-grid.js';
import { orderStatistic } from '../math/order-statistic.js';
import { evaluateOn } from '../model/evaluate.js';
import { type Fit, fitProphet } from './fit.js';
import { settleDayTypes } from './settle-day-types.js';

/** Values this many robust σ from the fit pull no harder than at this distance. */
const LIMIT_SIGMAS = 2.5;
/** Of a normal law: σ over the median distance from the centre, and over the distance that nine in ten keep. */
const SIGMA_OF_MEDIAN = 1.4826;
const SIGMA_OF_NINTH_DECILE = 1 / 1.645;

/**
 * Fits Prophet's model so that incidents in the history do not become what is expected. With `outliers: limit` the model
 * is fitted a second time, to values that are no further from the first fit than 2.5 robust σ: one step of Huber's
 * M-estimate by pseudo-values (P. J. Huber, "Robust Statistics", 1981, section 7.8). A level that stays is still learnt,
 * because there all values pull the same way. Otherwise as `fitProphet`.
 */
export function fitRobustly(
  samples: Samples,
  settings: ProphetSettings,
  {
    stepVariance = 0,
    grid = new TimeGrid(samples.timesMs),
    calendar,
  }: { readonly stepVariance?: number; readonly grid?: TimeGrid; readonly calendar?: FitCalendar | undefined } = {},
): Fit {
  const prophet = settleDayTypes(samples, settings, calendar, grid);
  const first = fitProphet(samples, prophet, { stepVariance, grid, calendar });
  if (prophet.outliers === 'learn') return first;
  const limited = limitOutliers(samples, first, grid);
  return limited === undefined ? first : fitProphet(limited, prophet, { stepVariance, grid, calendar });
}

/** The samples with outliers moved to the limit; undefined where there are none, or where σ is 0. */
function limitOutliers({ timesMs, values }: Samples, { model }: Fit, grid: TimeGrid): Samples | undefined {
  const { yhat } = evaluateOn(model, grid, { intervalWidth: 0.5 });
  const distances = new Float64Array(values.length);
  let count = 0;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i]! - yhat[i]!);
    if (Number.isNaN(distance)) continue;
    distances[count++] = distance;
    if (distance > largest) largest = distance;
  }
  const known = distances.subarray(0, count);
  // The median alone is 0 for a series that rests most of the time.
  const sigma = Math.max(
    orderStatistic(known, Math.floor(count * 0.5)) * SIGMA_OF_MEDIAN,
    orderStatistic(known, Math.floor(count * 0.9)) * SIGMA_OF_NINTH_DECILE,
  );
  const limit = LIMIT_SIGMAS * sigma;
  if (!(limit > 0 && largest > limit)) return undefined;
  const limited = values.slice();
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > yhat[i]! + limit) limited[i] = yhat[i]! + limit;
    else if (values[i]! < yhat[i]! - limit) limited[i] = yhat[i]! - limit;
  }
  return { timesMs, values: limited };
}
