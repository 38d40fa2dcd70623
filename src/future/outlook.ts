import type { RecordedSeries } from '../backtest/input/recorded-series.js';
import { calendarOf } from '../calendar/rule-calendar.js';
import { fitRobustly } from '../forecast/fit/robust-fit.js';
import { FitError } from '../forecast/fit-error.js';
import { type Components, components, evaluate } from '../forecast/model/evaluate.js';
import { UsageError } from '../lib/errors.js';
import type { Forecast } from '../model/samples/columns.js';
import type { SeriesSettings } from '../model/settings/settings.js';
import { monthsAhead } from './months-ahead.js';
import { trainingOf } from './training.js';

/** What is expected of one series, at every step after its last value, and before where that is wanted. */
export interface Outlook {
  readonly name: string;
  /** In the unit of the series, clamped to the rule's bounds. */
  readonly forecast: Forecast;
  readonly components: Components;
  /** What is known, for the picture. */
  readonly recorded: RecordedSeries;
  readonly lastMs: number;
  /** Of its rule. */
  readonly timezone: string;
  readonly stepMs: number;
}

export interface OutlookOptions {
  readonly settings: SeriesSettings;
  readonly stepMs: number;
  /** Where there is one value a month, they go on by the month, whatever the step. */
  readonly followsMonths?: boolean;
  readonly horizonMs: number;
  /** Only what is no older is learnt from. */
  readonly fromMs: number;
  /** The times of the values come first. */
  readonly includesHistory: boolean;
}

/** A day of seconds: what would be more is no table that anybody reads. */
const MAX_STEPS = 100_000;

/** Fits a model to all that is recorded and evaluates it ahead. Throws `UsageError` where that cannot be. */
export function lookAhead(name: string, recorded: RecordedSeries, options: OutlookOptions): Outlook {
  const { settings, stepMs, followsMonths = false, horizonMs, fromMs, includesHistory } = options;
  const calendar = calendarOf(settings);
  const { samples, valueVariance } = trainingOf(recorded, { fromMs, stepMs, calendar });
  const steps = Math.floor(horizonMs / stepMs);
  if (steps < 1)
    throw new UsageError(`Cannot forecast ${name}: the horizon is shorter than its step of ${stepMs / 1000} s`);
  if (steps > MAX_STEPS) {
    throw new UsageError(`Cannot forecast ${name}: ${steps} steps are more than ${MAX_STEPS}; take a longer --step`);
  }
  const lastMs = recorded.samples.timesMs.at(-1)!;
  const past = includesHistory ? [...recorded.samples.timesMs].filter((timeMs) => timeMs >= fromMs) : [];
  const ahead =
    (followsMonths ? monthsAhead(recorded.samples.timesMs, lastMs + horizonMs) : undefined) ??
    Array.from({ length: steps }, (_, i) => lastMs + (i + 1) * stepMs);
  const timesMs = Float64Array.from([...past, ...ahead]);
  try {
    const { model } = fitRobustly(samples, settings.prophet, {
      stepVariance: valueVariance,
      calendar: calendar.forFit(recorded.samples.timesMs[0]!, timesMs.at(-1)! + stepMs),
    });
    const { yhat, yhatLower, yhatUpper } = evaluate(model, timesMs, settings.prophet);
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = settings.bounds;
    const clamp = (column: Float64Array) => column.map((value) => Math.min(max, Math.max(min, value)));
    return {
      name,
      forecast: { timesMs, yhat: clamp(yhat), yhatLower: clamp(yhatLower), yhatUpper: clamp(yhatUpper) },
      components: components(model, timesMs),
      recorded,
      lastMs,
      timezone: settings.timezone,
      stepMs,
    };
  } catch (error) {
    if (error instanceof FitError) throw new UsageError(`Cannot forecast ${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
