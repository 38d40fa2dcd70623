import type { Samples } from '../../model/samples/columns.js';
import type { FitCalendar } from '../../model/samples/fit-calendar.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import { DAY_MS } from '../design/seasonality.js';
import { TimeGrid } from '../design/time-grid.js';
import { evaluateOn } from '../model/evaluate.js';
import { fitProphet } from './fit.js';

/** The last week, which has each kind of day, is forecast from what was before it: a week at least. */
const JUDGED_MS = 7 * DAY_MS;
const MIN_KNOWN_MS = 7 * DAY_MS;
/** The share of the error that kinds of days must take off it: they have nine coefficients more. */
const MIN_GAIN = 0.05;

/**
 * The settings with `dayTypes: auto` settled: by what was found before, as far as the calendar says that, else by whether
 * weekends of their own forecast the last week better than days that are all alike. NaN values are left out. `grid` has the times
 * of the samples.
 */
export function settleDayTypes(
  samples: Samples,
  prophet: ProphetSettings,
  calendar: FitCalendar | undefined,
  grid = new TimeGrid(samples.timesMs),
): ProphetSettings {
  if (prophet.dayTypes !== 'auto') return prophet;
  const hasDayTypes = calendar?.hasDayTypes ?? forecastsBetter(samples, prophet, calendar, grid);
  return { ...prophet, dayTypes: hasDayTypes ? 'weekend' : false };
}

function forecastsBetter(
  { timesMs, values }: Samples,
  prophet: ProphetSettings,
  calendar: FitCalendar | undefined,
  whole: TimeGrid,
): boolean {
  if (timesMs.length === 0 || prophet.dailySeasonality === false) return false;
  const judgedFromMs = timesMs[timesMs.length - 1]! - JUDGED_MS;
  const split = timesMs.findIndex((timeMs) => timeMs > judgedFromMs);
  if (split < 1 || judgedFromMs - timesMs[0]! < MIN_KNOWN_MS - DAY_MS / 24) return false;
  const known = { timesMs: timesMs.subarray(0, split), values: values.subarray(0, split) };
  // The week's shape is what is judged: a trend of so short a time would only blur it.
  const plain = {
    ...prophet,
    growth: 'flat',
    optimizer: 'exact',
    weeklySeasonality: prophet.weeklySeasonality === 'auto' ? true : prophet.weeklySeasonality,
  } as const;
  const grid = whole.part(0, split);
  const later = whole.part(split, timesMs.length);
  const error = (dayTypes: ProphetSettings['dayTypes']) => {
    const { model } = fitProphet(known, { ...plain, dayTypes }, { grid, calendar });
    const { yhat } = evaluateOn(model, later, { intervalWidth: 0.5 });
    let sum = 0;
    for (let i = 0; i < yhat.length; i++) {
      const distance = Math.abs(values[split + i]! - yhat[i]!);
      if (!Number.isNaN(distance)) sum += distance;
    }
    return sum;
  };
  return error('weekend') < (1 - MIN_GAIN) * error(false);
}
