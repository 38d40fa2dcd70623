import { SCOPE } from './variables.js';

/**
 * What the dashboards ask of Prometheus. Names are given by matchers on `__name__`, because the metric is a variable: `m`
 * of Sentio's names `m_yhat`, `m_anomaly_score` and so on; for a counter that is `<counter>_rate`.
 */

/** The matchers of the one series that the Forecast dashboard shows; a variable, whose value is the labels themselves. */
const SERIES = '${series:raw}';

function ofSeries(name: string, matchers = ''): string {
  return `{__name__="${name}", ${matchers}${SERIES}}`;
}

/** What was observed: the source itself or, for a counter, the rate that Sentio publishes beside its forecast. */
export const OBSERVED = `({__name__="\${metric}", ${SERIES}} or {__name__="\${metric}_y", __name__=~".+_(avg|p[0-9]+|rate)_y", ${SERIES}})`;

export const EXPECTED = ofSeries('${metric}_yhat', 'horizon="", ');
export const LOWER = ofSeries('${metric}_yhat_lower', 'horizon="", ');
export const UPPER = ofSeries('${metric}_yhat_upper', 'horizon="", ');
export const SCORE = ofSeries('${metric}_anomaly_score');
export const EXPECTED_AHEAD = ofSeries('${metric}_yhat', 'horizon!="", ');

/** A column of the curve that Sentio serves over remote-read, where it is not published yet: from now to the horizon. */
export function future(column: 'yhat' | 'yhat_lower' | 'yhat_upper'): string {
  const name = `\${metric}_${column}`;
  const curve = ofSeries(name, 'horizon="", sentio="forecast", ');
  return `${curve} unless ignoring(sentio) ${ofSeries(name, 'horizon="", ')}`;
}

/** The kind of the alarm that the series of the Forecast dashboard is in. */
export const KIND = ofSeries('${metric}_anomaly_kind');

/** A column of the forecast as Sentio's query API has it, up to the horizon. */
export function forecast(column: 'yhat' | 'yhat_lower' | 'yhat_upper'): string {
  return ofSeries(`\${metric}_${column}`, 'sentio="forecast", ');
}

const OF_FLEET = ['job', ...SCOPE].map((label) => `${label}=~"$${label}"`).join(', ');

/** The scores of all series that the Fleet dashboard is to look at, and the kinds of their alarms. */
export const SCORES = `{__name__=~"(\${metric:regex})_anomaly_score", ${OF_FLEET}}`;
export const KINDS = `{__name__=~"(\${metric:regex})_anomaly_kind", ${OF_FLEET}}`;

/** The time until limits are reached, where that is within the horizon. */
export const TIMES_TO_LIMIT = `{__name__=~"(\${metric:regex})_time_to_limit_seconds", ${OF_FLEET}} < Inf`;

/** Labels by which a row of a table leads to its series. */
export const ROW_LABELS = ['instance', 'container_name', ...SCOPE] as const;

/** Labels that tell series of one instance or pod apart: what usual exporters and client libraries have. */
export const DETAIL_LABELS = [
  'job',
  'cluster',
  'node',
  'container',
  'device',
  'mountpoint',
  'interface',
  'cpu',
  'mode',
  'name',
  'method',
  'handler',
  'path',
  'code',
  'status',
  'topic',
  'queue',
] as const;

/**
 * Adds `to_LABEL` for each label by which a row leads to its series: its value, or, where a series has none, what takes any
 * value there.
 */
export function withTargets(vector: string): string {
  const add = (any: string) => (inner: string, label: string) => {
    const known = `label_replace(${inner}, "to_${label}", "$1", "${label}", "(.+)")`;
    return `label_replace(${known}, "to_${label}", "${any}", "${label}", "")`;
  };
  return DETAIL_LABELS.reduce(add('.*'), ROW_LABELS.reduce(add('$$__all'), vector));
}

/** The metric's name as a label of its own: PromQL drops names in most of what it does. */
export function withMetric(scores: string, suffix = 'anomaly_score'): string {
  return `label_replace(${scores}, "metric", "$1", "__name__", "(.+)_${suffix}")`;
}

/** Series that came regularly and are silent now, whatever their metric. */
export const MISSING = `sentio_series_missing{${OF_FLEET}}`;

/** The name that the forecasts of a missing series go by, as `metric`. Whether it is a counter, only its name can tell. */
export function withForecastMetric(missing: string): string {
  const gauge = `label_replace(${missing}, "metric", "$1", "sentio_metric", "(.+)")`;
  return `label_replace(${gauge}, "metric", "\${1}_rate", "sentio_metric", "(.+_total)")`;
}

/** Sentio's own metrics, of the processes chosen. */
export const SELF = 'job=~"$job", instance=~"$instance"';

/** The increase a second of a counter of Sentio's own, over all processes chosen, by some of its labels. */
export function rate(metric: string, by: readonly string[] = [], matchers = ''): string {
  const selector = `${metric}{${matchers === '' ? '' : `${matchers}, `}${SELF}}`;
  const sum = by.length === 0 ? 'sum' : `sum by (${by.join(', ')}) `;
  return `${sum}(rate(${selector}[$__rate_interval]))`;
}

/** A quantile of a histogram of Sentio's own, over all processes chosen. */
export function quantile(share: number, metric: string, by: readonly string[] = []): string {
  const labels = ['le', ...by].join(', ');
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${metric}_bucket{${SELF}}[$__rate_interval])))`;
}
