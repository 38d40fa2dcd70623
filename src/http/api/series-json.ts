import type { SeriesForecast, SeriesReport } from '../../engine/query/series-report.js';
import type { Sparkline } from '../../engine/query/sparkline.js';
import { labelsJson, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import type { SeriesSettings } from '../../model/settings/settings.js';
import { ANOMALY_SCORE, quantitySuffix, YHAT, YHAT_LOWER, YHAT_UPPER } from '../../model/settings/synthetic.js';
import { currentAlarmJson, levelShiftJson, settlingJson } from './alarm-json.js';
import { excludedTimeJson } from './exclusions/exclusion-json.js';
import type { AlarmJson } from './json/alarms.js';
import type { ComponentJson, ForecastSeriesJson } from './json/forecast.js';
import type { SeriesJson, SparklineJson } from './json/series.js';

/** A part of a forecast: its name, and what it contributes at each time of the forecast. */
export interface Part {
  readonly name: string;
  readonly values: Float64Array;
}

export function seriesJson({
  labels,
  rule,
  aggregate,
  aggregateSource,
  stepMs,
  state,
  alarm,
  calmingSinceMs,
  settling,
  last,
  interval,
  levelAcceptedAtMs,
  openShift,
  crossings,
  missing,
  late,
  sampleIntervalMs,
  fit,
  seasons,
  fitError,
  excluded,
}: SeriesReport): SeriesJson {
  return {
    metric: labelsJson(labels),
    rule,
    aggregate,
    aggregate_by: aggregateSource ?? 'rule',
    step: stepMs / 1000,
    state,
    alarm: currentAlarmJson(alarm),
    calming_since: calmingSinceMs === undefined ? undefined : calmingSinceMs / 1000,
    settling: settlingJson(settling),
    last: {
      time: number(last.timeMs / 1000),
      value: number(last.value),
      yhat: number(last.yhat),
      yhat_lower: number(last.yhatLower),
      yhat_upper: number(last.yhatUpper),
      anomaly_score: number(last.score),
    },
    interval: { nominal: interval.nominal, coverage: number(interval.coverage) },
    level_accepted_at: number(levelAcceptedAtMs / 1000),
    level_shift: levelShiftJson(openShift),
    reaches_limit: limitsJson(crossings),
    missing: missing && { reason: missing.reason, since: missing.sinceMs / 1000 },
    late: late && { by: late.byMs / 1000, scored: late.isScored },
    sample_interval: sampleIntervalMs && sampleIntervalMs / 1000,
    fit: fit && {
      optimizer: fit.optimizer,
      points: fit.points,
      resolution: fit.resolutionMs / 1000,
      time: fit.fittedAtMs / 1000,
      seasons,
    },
    fit_error: fitError,
    excluded: excluded.length === 0 ? undefined : excluded.map(excludedTimeJson),
  };
}

function limitsJson(crossings: SeriesReport['crossings']): SeriesJson['reaches_limit'] {
  if (crossings.length === 0) return undefined;
  return Object.fromEntries(
    crossings.map(({ side, expectedMs, earliestMs }) => [
      side,
      { expected: number(expectedMs / 1000), earliest: number(earliestMs / 1000) },
    ]),
  );
}

/** `alarms` and `days` are those of the range; `parts` are the components of the forecast, where they were asked for. */
export function forecastSeriesJson(
  report: SeriesReport,
  settings: SeriesSettings,
  { observed, historyFromMs, stepsFromMs, scores, forecast }: SeriesForecast,
  alarms: readonly AlarmJson[],
  days: Pick<ForecastSeriesJson, 'excluded_times' | 'special_days'>,
  parts: readonly Part[] | undefined,
): Omit<ForecastSeriesJson, 'events'> {
  return {
    ...seriesJson(report),
    resolution: settings.resolutionMs / 1000,
    horizon: settings.horizonMs / 1000,
    history_from: number(historyFromMs / 1000),
    names: namesJson(report),
    horizons: settings.horizons.map(({ label }) => label),
    observed: {
      times: seconds(observed.timesMs),
      values: numbers(observed.values),
      anomaly_score: numbers(scores),
      steps_from: number(stepsFromMs / 1000),
    },
    alarms,
    ...days,
    timezone: settings.timezone,
    forecast: forecast && {
      times: seconds(forecast.timesMs),
      yhat: numbers(forecast.yhat),
      yhat_lower: numbers(forecast.yhatLower),
      yhat_upper: numbers(forecast.yhatUpper),
      components: parts?.map(({ name, values }): ComponentJson => ({ name, values: numbers(values) })),
    },
  };
}

function namesJson({ labels, aggregate, observedSuffix }: SeriesReport): ForecastSeriesJson['names'] {
  const source = labelValue(labels, METRIC_NAME);
  const quantity = source + quantitySuffix(aggregate);
  return {
    observed: source + observedSuffix,
    yhat: quantity + YHAT,
    yhat_lower: quantity + YHAT_LOWER,
    yhat_upper: quantity + YHAT_UPPER,
    anomaly_score: quantity + ANOMALY_SCORE,
  };
}

export function sparklineJson({ startMs, stepMs, values, lower, upper }: Sparkline): SparklineJson {
  const short = (column: Float64Array) => Array.from(column, (value) => number(Number(value.toPrecision(6))));
  return {
    start: startMs / 1000,
    step: stepMs / 1000,
    values: short(values),
    yhat_lower: short(lower),
    yhat_upper: short(upper),
  };
}

/** JSON has no NaN: where there is no value it is null. */
export function number(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function numbers(values: Float64Array): (number | null)[] {
  return Array.from(values, number);
}

function seconds(timesMs: Float64Array): number[] {
  return Array.from(timesMs, (timeMs) => timeMs / 1000);
}
