import type { FitHoliday } from '../../model/samples/fit-calendar.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import { DAY_MS, type Seasonality } from './seasonality.js';

/** Prophet's own, for holidays without a prior scale. */
const PRIOR_SCALE = 10;
/** The cost of a fit grows with the square of its columns; a country with its windows has some 50. */
export const MAX_HOLIDAYS = 200;

/**
 * The columns of the holidays that have a sample: of another the prior alone would say something, and that is 0. Of more than 200
 * the first count.
 */
export function chooseHolidays(
  timesMs: Float64Array,
  holidays: readonly FitHoliday[],
  { holidaysPriorScale = PRIOR_SCALE, holidaysMode, seasonalityMode }: ProphetSettings,
): Seasonality[] {
  return holidays
    .filter(({ spans }) => holdsAnywhere(spans, timesMs))
    .slice(0, MAX_HOLIDAYS)
    .map(({ name, priorScale = holidaysPriorScale, spans }) => ({
      name,
      periodMs: DAY_MS,
      fourierOrder: 0,
      priorScale,
      multiplicative: (holidaysMode ?? seasonalityMode) === 'multiplicative',
      weekdays: 0,
      hasLevel: true,
      spans,
    }));
}

/** Whether an instant is within one of `count` spans, pairs from `at` on in `data`, which may overlap. Allocates nothing. */
export function isWithin(data: Float64Array, at: number, count: number, timeMs: number): boolean {
  for (let i = at; i < at + 2 * count; i += 2) if (timeMs >= data[i]! && timeMs < data[i + 1]!) return true;
  return false;
}

function holdsAnywhere(spans: Float64Array, timesMs: Float64Array): boolean {
  return timesMs.some((timeMs) => isWithin(spans, 0, spans.length / 2, timeMs));
}
