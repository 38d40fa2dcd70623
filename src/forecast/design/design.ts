import { UTC_CLOCK } from '../../calendar/season-clock.js';
import type { Samples } from '../../model/samples/columns.js';
import type { FitCalendar } from '../../model/samples/fit-calendar.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import { FitError } from '../fit-error.js';
import { chooseHolidays } from './holidays.js';
import { chooseSeasonalities, columnsOf, type Seasonality } from './seasonality.js';

/**
 * Everything that Prophet derives from the data before it optimizes. In its scaled units time runs from 0 to 1 over
 * the history, t = (time − startMs)/spanMs, and a value is y = (value − floor)/yScale.
 */
export interface Design {
  readonly startMs: number;
  readonly spanMs: number;
  readonly floor: number;
  /** Largest |value − floor|; 1 where that is 0. */
  readonly yScale: number;
  readonly growth: ProphetSettings['growth'];
  /** Scaled cap of logistic growth; NaN for the others. */
  readonly cap: number;
  /** Scaled times of the potential rate changes, ascending; never empty unless the growth is flat. */
  readonly changepoints: Float64Array;
  /** τ, scale of the Laplace prior on the rate changes. */
  readonly changepointPriorScale: number;
  readonly seasonalities: readonly Seasonality[];
  /** The clock that the seasonalities go by, as in `FitCalendar`; the trend goes by UTC. */
  readonly clock: Float64Array;
}

/** The fitted parameters, in scaled units. */
export interface Parameters {
  /** Initial rate and offset of the trend. */
  readonly k: number;
  readonly m: number;
  /** Rate changes at `Design.changepoints`. */
  readonly delta: Float64Array;
  /** Coefficients: per seasonality in the order of the design, its level if it has one, sin and cos by turns for j = 1 … fourierOrder. */
  readonly beta: Float64Array;
  /** Standard deviation of the noise, > 0. */
  readonly sigma: number;
}

/** A forecast may go far beyond the history without reaching the end of the doubles, 1.8e308. */
const MAX_VALUE = 1e300;

/**
 * Prepares a fit as Prophet does (forecaster.py `setup_dataframe`, `set_changepoints`): samples ascending in time and
 * finite. Throws `FitError` for samples without a span, values that overflow, or a cap that is not above the floor.
 */
export function designFit(samples: Samples, prophet: ProphetSettings, calendar?: FitCalendar): Design {
  const { timesMs, values } = samples;
  const startMs = timesMs[0]!;
  const spanMs = timesMs[timesMs.length - 1]! - startMs;
  if (!(spanMs > 0)) throw new FitError('no-span', `Cannot fit: all ${timesMs.length} values have the same timestamp`);

  const floor = chooseFloor(values, prophet);
  let yScale = 0;
  for (let i = 0; i < values.length; i++) yScale = Math.max(yScale, Math.abs(values[i]! - floor));
  if (!(yScale < MAX_VALUE))
    throw new FitError('not-finite', `Cannot fit: a value of ${yScale} leaves no room to forecast`);
  if (yScale === 0) yScale = 1;

  let cap = Number.NaN;
  if (prophet.growth === 'logistic') {
    cap = ((prophet.cap ?? Number.NaN) - floor) / yScale;
    if (!(cap > 0 && cap < Number.POSITIVE_INFINITY))
      throw new FitError(
        'bad-cap',
        `Cannot fit logistic growth: cap must be above floor ${floor}, got ${prophet.cap ?? 'none'}`,
      );
  }
  return {
    startMs,
    spanMs,
    floor,
    yScale,
    growth: prophet.growth,
    cap,
    changepoints: prophet.growth === 'flat' ? new Float64Array(0) : placeChangepoints(timesMs, prophet),
    changepointPriorScale: prophet.changepointPriorScale,
    seasonalities: [
      ...chooseSeasonalities(timesMs, prophet),
      ...chooseHolidays(timesMs, calendar?.holidays ?? [], prophet),
    ],
    clock: calendar?.clock ?? UTC_CLOCK,
  };
}

function chooseFloor(values: Float64Array, { growth, floor, scaling }: ProphetSettings): number {
  if (growth === 'logistic') return floor ?? 0;
  if (scaling === 'absmax') return 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) lowest = Math.min(lowest, value);
  return lowest;
}

/** Scaled time of an instant. */
export function scaleTime(design: Design, timeMs: number): number {
  return (timeMs - design.startMs) / design.spanMs;
}

/** Number of columns in the seasonal part: sin and cos for each order of each seasonality, and the levels of some. */
export function countCoefficients(seasonalities: readonly Seasonality[]): number {
  return seasonalities.reduce((sum, seasonality) => sum + columnsOf(seasonality), 0);
}

/**
 * Potential changepoints are those of the settings that lie within the samples, else at samples, evenly by count over the first `changepointRange` of them, without the first.
 * If there is none, Prophet still keeps a dummy at the start.
 */
function placeChangepoints(timesMs: Float64Array, prophet: ProphetSettings): Float64Array {
  if (prophet.changepointsMs !== undefined) return ownChangepoints(timesMs, prophet.changepointsMs);
  const candidates = Math.floor(timesMs.length * prophet.changepointRange);
  const count = Math.min(prophet.nChangepoints, candidates - 1);
  if (count <= 0) return new Float64Array(1);
  const startMs = timesMs[0]!;
  const spanMs = timesMs[timesMs.length - 1]! - startMs;
  return Float64Array.from({ length: count }, (_, i) => {
    const sample = Math.round(((i + 1) / count) * (candidates - 1));
    return (timesMs[sample]! - startMs) / spanMs;
  });
}

function ownChangepoints(timesMs: Float64Array, changepointsMs: readonly number[]): Float64Array {
  const [startMs, endMs] = [timesMs[0]!, timesMs[timesMs.length - 1]!];
  const within = changepointsMs.filter((timeMs) => timeMs >= startMs && timeMs <= endMs);
  if (within.length === 0) return new Float64Array(1);
  return Float64Array.from(within, (timeMs) => (timeMs - startMs) / (endMs - startMs));
}
