import type { Aggregate } from './settings.js';

/*
 * Names of the series Sentio makes of a source series `m`. Where the aggregate changes the quantity (`rate`) all of
 * them are named after `m_rate`, and the observed quantity itself is published as `m_rate_y`.
 */
export const YHAT = '_yhat';
export const YHAT_LOWER = '_yhat_lower';
export const YHAT_UPPER = '_yhat_upper';
export const ANOMALY_SCORE = '_anomaly_score';
/** 1 while the source is in alarm, with the label below. */
export const ANOMALY_KIND = '_anomaly_kind';
/** Seconds until a limit of the rule is reached, by what is expected and by the nearer edge of the interval; +Inf beyond the horizon. */
export const TIME_TO_LIMIT = '_time_to_limit_seconds';
export const TIME_TO_LIMIT_EARLIEST = '_time_to_limit_earliest_seconds';
/** Which limit: `min` or `max`. */
export const LIMIT_LABEL = 'limit';
export const OBSERVED_RATE = '_rate_y';
export const RATE = '_rate';
/** What was derived from a native histogram is published too, because the source has it nowhere. */
export const OBSERVED = '_y';
/** Suffixes of what is derived from histograms (histogram-quantities.ts), except `m_count`, which is a counter. */
const OBSERVED_DERIVED = /.+_(avg|p[0-9]+)_y$/;

/** 1 for every source that is silent while it should not be, with the labels of the source and these two. */
export const SERIES_MISSING = 'sentio_series_missing';
/** What the source is called. Prefixed, for `metric` and `reason` may well be labels of the source. */
export const MISSING_METRIC_LABEL = 'sentio_metric';
export const MISSING_REASON_LABEL = 'sentio_reason';

/** Of what kind an alarm is. Prefixed, because `kind` may well be a label of the source. */
export const KIND_LABEL = 'sentio_kind';

/** Whether somebody is to be called for the series itself; there is none of a ticket. A source may bring it along. */
export const SEVERITY_LABEL = 'sentio_severity';

const SUFFIXES = [
  OBSERVED_RATE,
  YHAT,
  YHAT_LOWER,
  YHAT_UPPER,
  ANOMALY_SCORE,
  ANOMALY_KIND,
  TIME_TO_LIMIT,
  TIME_TO_LIMIT_EARLIEST,
];

/**
 * The names of all of Sentio's own output, as a regular expression for Prometheus to drop them by. Anchored at both ends
 * where it is used, as every regular expression of Prometheus is.
 */
export const OWN_OUTPUT = `${SERIES_MISSING}|.+_(avg_y|p[0-9]+_y|${SUFFIXES.map((suffix) => suffix.slice(1)).join('|')})`;

/** Label that marks the whole curve served over remote_read: `m_yhat{sentio="forecast"}`. */
export const FORECAST_LABEL = 'sentio';
export const FORECAST_VALUE = 'forecast';
/** Label of a value expected that far ahead: `m_yhat{horizon="1h"}`. */
export const HORIZON_LABEL = 'horizon';

/** Whether a metric of this name is Sentio's own output coming back; the name alone decides, whatever the labels. */
export function isSyntheticName(name: string): boolean {
  if (name === SERIES_MISSING || SUFFIXES.some((suffix) => name.length > suffix.length && name.endsWith(suffix)))
    return true;
  return name.endsWith(OBSERVED) && OBSERVED_DERIVED.test(name);
}

/** What is put between a source's name and the suffixes above. */
export function quantitySuffix(aggregate: Aggregate): string {
  return aggregate === 'rate' ? RATE : '';
}
