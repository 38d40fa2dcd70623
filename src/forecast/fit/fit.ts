import type { Samples } from '../../model/samples/columns.js';
import type { FitCalendar } from '../../model/samples/fit-calendar.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import { countCoefficients, type Design, designFit, type Parameters } from '../design/design.js';
import { MAX_HOLIDAYS } from '../design/holidays.js';
import { DAY_MS } from '../design/seasonality.js';
import { TimeGrid } from '../design/time-grid.js';
import { FitError } from '../fit-error.js';
import { optimizeMap } from '../map/map-optimizer.js';
import { buildMapProblem } from '../map/map-problem.js';
import { type FittedModel, packModel } from '../model/fitted-model.js';
import { fitWithAugurs } from './augurs.js';
import { negLogPosterior } from './objective.js';

/** What makes models; also values of the `outcome` label of `sentio_fits_total`. */
export const OPTIMIZERS = ['exact', 'stan'] as const;

/** A model and how it came about. */
export interface Fit {
  readonly model: FittedModel;
  readonly optimizer: (typeof OPTIMIZERS)[number];
  /** Values trained on. */
  readonly points: number;
  /** The negative log posterior at the parameters, constants dropped: the smaller the better a fit of the same data. */
  readonly objective: number;
  /** What was done otherwise than asked, for people. */
  readonly warnings: readonly string[];
}

/** Below this a Prophet model is noise. */
const MIN_POINTS = 10;
/** A trend from a shorter history extrapolates nonsense: a slope of one hour, drawn out over a day, is the time of day. */
const MIN_TREND_SPAN_MS = 2 * DAY_MS;
/** Prophet's own noise for a history that never varies (forecaster.py `fit`); scaled. */
const CONSTANT_SIGMA = 1e-9;
const NO_SEASONALITIES = {
  yearlySeasonality: false,
  weeklySeasonality: false,
  dailySeasonality: false,
  seasonalities: [],
} as const;

/**
 * Fits Prophet's model to samples in ascending order of time; values that are NaN are left out.
 *
 * Cold start: fewer than 10 values are no model (`FitError` `too-short`). A span under 2 days is fitted with a flat
 * trend, unless the growth is logistic, and has no daily seasonality unless that is configured. Seasonalities that are
 * `auto` come on at two periods of history, as in Prophet; where that leaves fewer than two values to a coefficient, the
 * changepoints go, and where it still does, the seasonalities. A history that never varies is its own forecast.
 *
 * `stepVariance` is how much single steps scatter around the samples where these are means, in squared units of the
 * series; the interval is made for single steps. `grid` is that of the samples' times, if there is one already; `calendar` has
 * the clock that the seasonalities go by, UTC without one. Synchronous. Throws `FitError`.
 */
export function fitProphet(
  samples: Samples,
  prophet: ProphetSettings,
  options: {
    readonly stepVariance?: number;
    readonly grid?: TimeGrid;
    readonly calendar?: FitCalendar | undefined;
  } = {},
): Fit {
  const present = withoutGaps(samples);
  const points = present.values.length;
  if (points < MIN_POINTS)
    throw new FitError('too-short', `Cannot fit: ${points} values, at least ${MIN_POINTS} are required`);

  const warnings: string[] = [];
  const holidays = options.calendar?.holidays?.length ?? 0;
  if (holidays > MAX_HOLIDAYS) warnings.push(`${holidays} columns of holidays: only ${MAX_HOLIDAYS} are learnt`);
  const settings = withoutEarlyTrend(present, prophet, warnings);
  const grid = present === samples && options.grid !== undefined ? options.grid : new TimeGrid(present.timesMs);
  const isExact = settings.optimizer !== 'stan' && settings.growth !== 'logistic';
  const solution =
    fitConstant(present, settings, warnings) ??
    (isExact ? fitExactly(present, grid, settings, options.calendar, warnings) : undefined) ??
    fitWithStan(present, settings, options.calendar);
  const { optimizer, design, parameters, objective } = solution;
  const model = packModel(design, parameters, { points, stepVariance: options.stepVariance ?? 0 });
  return {
    model,
    optimizer,
    points,
    objective: objective ?? negLogPosterior(present, design, parameters, model),
    warnings,
  };
}

interface Solution {
  readonly optimizer: Fit['optimizer'];
  readonly design: Design;
  readonly parameters: Parameters;
  readonly objective?: number;
}

function withoutEarlyTrend({ timesMs }: Samples, prophet: ProphetSettings, warnings: string[]): ProphetSettings {
  const spanMs = timesMs[timesMs.length - 1]! - timesMs[0]!;
  if (prophet.growth !== 'linear' || spanMs >= MIN_TREND_SPAN_MS) return prophet;
  warnings.push('history shorter than 2 days: fitted without a trend');
  return { ...prophet, growth: 'flat' };
}

function fitConstant(samples: Samples, prophet: ProphetSettings, warnings: string[]): Solution | undefined {
  const [first] = samples.values;
  if (!samples.values.every((value) => value === first)) return undefined;
  warnings.push('constant history: the forecast is its value');
  const design = { ...designFit(samples, { ...prophet, growth: 'flat' }), seasonalities: [] };
  const none = new Float64Array(0);
  const parameters = {
    k: 0,
    m: (first! - design.floor) / design.yScale,
    delta: none,
    beta: none,
    sigma: CONSTANT_SIGMA,
  };
  return { optimizer: 'exact', design, parameters };
}

function fitExactly(
  samples: Samples,
  grid: TimeGrid,
  prophet: ProphetSettings,
  calendar: FitCalendar | undefined,
  warnings: string[],
): Solution | undefined {
  const design = designFit(samples, prophet, calendar);
  const { parameters, objective, isOptimal } = optimizeMap(buildMapProblem(samples, design, grid));
  const points = samples.values.length;
  const always = 2 + countCoefficients(design.seasonalities);
  const changes = parameters.delta.reduce((count, change) => count + (change === 0 ? 0 : 1), 0);
  const isSaturated = points < 2 * (always + (isOptimal ? changes : parameters.delta.length));
  if (isSaturated && (prophet.nChangepoints > 0 || prophet.changepointsMs !== undefined)) {
    warnings.push(`${points} values are too few for changepoints: fitted without`);
    const { changepointsMs: _, ...plain } = prophet;
    return fitExactly(samples, grid, { ...plain, nChangepoints: 0 }, calendar, warnings);
  }
  if (isSaturated && design.seasonalities.length > 0) {
    warnings.push(`${points} values are too few for seasonalities: fitted without`);
    return fitExactly(samples, grid, { ...prophet, ...NO_SEASONALITIES }, undefined, warnings);
  }
  if (isOptimal) return { optimizer: 'exact', design, parameters, objective };
  warnings.push('the exact optimizer found no optimum');
  return undefined;
}

function fitWithStan(samples: Samples, prophet: ProphetSettings, calendar: FitCalendar | undefined): Solution {
  if (prophet.optimizer === 'exact')
    throw new FitError('diverged', `Cannot fit ${prophet.growth} growth to ${samples.values.length} values exactly`);
  return { optimizer: 'stan', ...fitWithAugurs(samples, prophet, undefined, calendar) };
}

/** The samples themselves where no value is NaN. */
function withoutGaps(samples: Samples): Samples {
  const { timesMs, values } = samples;
  if (!values.some(Number.isNaN)) return samples;
  const present = { timesMs: new Float64Array(values.length), values: new Float64Array(values.length) };
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    present.timesMs[count] = timesMs[i]!;
    present.values[count] = values[i]!;
    count++;
  }
  return { timesMs: present.timesMs.subarray(0, count), values: present.values.subarray(0, count) };
}
