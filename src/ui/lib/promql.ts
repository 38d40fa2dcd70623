import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';

type Metric = Readonly<Record<string, string>>;

/** An expression or a piece of configuration to paste, and what it is for. */
export interface Snippet {
  readonly title: string;
  readonly text: string;
}

const NAME = '__name__';

/** A series as PromQL writes it; names with more than ASCII letters, digits and `_` are quoted, as in Prometheus 3. */
export function seriesText(metric: Metric): string {
  return selector(metric[NAME] ?? '', metric);
}

/** All series that have a label, or a name (`__name__`), with a value. */
export function valueSelector(label: string, value: string): string {
  return label === NAME ? `{${NAME}=${quote(value)}}` : `{${matchers({ [label]: value }).join()}}`;
}

/** The labels without the name: `host="a", job="b"`. */
export function labelsText(metric: Metric): string {
  return matchers(metric).join(', ');
}

/** What to ask Prometheus or Grafana for once forecasts are written back. */
export function publishedQueries({ metric, names, horizons }: ForecastSeriesJson): Snippet[] {
  const observed = selector(names.observed, metric);
  const of = (name: string) => selector(name, metric);
  return [
    { title: 'Observed', text: observed },
    { title: 'Expected', text: of(names.yhat) },
    { title: 'Interval', text: `${of(names.yhat_lower)}\n${of(names.yhat_upper)}` },
    { title: 'Off by', text: `${observed} - ${of(names.yhat)}` },
    {
      title: 'Outside the interval',
      text: `${observed} > ${of(names.yhat_upper)}\n  or ${observed} < ${of(names.yhat_lower)}`,
    },
    { title: 'In alarm', text: `${of(names.anomaly_score)} > 1` },
    ...horizons.map((label) => ({
      title: `Expected in ${label}`,
      text: selector(names.yhat, { ...metric, horizon: label }),
    })),
  ];
}

/** What to ask for to see the future, over remote_read. */
export function futureQueries({ metric, names }: ForecastSeriesJson): Snippet[] {
  const of = (name: string) => selector(name, { ...metric, sentio: 'forecast' });
  return [
    { title: 'Expected', text: of(names.yhat) },
    { title: 'Interval', text: `${of(names.yhat_lower)}\n${of(names.yhat_upper)}` },
  ];
}

/** The part of prometheus.yml that sends samples to Sentio at `baseUrl`, which ends in a slash. */
export function remoteWriteConfig(baseUrl: string): string {
  return [
    'remote_write:',
    `  - url: ${baseUrl}api/v1/write`,
    '    write_relabel_configs:',
    '      - source_labels: [__name__]',
    '        regex: sentio_series_missing|.+_(avg_y|p[0-9]+_y|rate_y|yhat|yhat_lower|yhat_upper|anomaly_score|anomaly_kind|time_to_limit_seconds|time_to_limit_earliest_seconds)',
    '        action: drop',
  ].join('\n');
}

/** The part of prometheus.yml that lets Prometheus ask Sentio for the future. */
export function remoteReadConfig(baseUrl: string): string {
  return [
    'remote_read:',
    `  - url: ${baseUrl}api/v1/read`,
    '    read_recent: true',
    '    required_matchers: {sentio: forecast}',
  ].join('\n');
}

function selector(name: string, metric: Metric): string {
  const rest = matchers(metric);
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name))
    return `{${[...(name === '' ? [] : [quote(name)]), ...rest].join(', ')}}`;
  return rest.length === 0 ? name : `${name}{${rest.join(', ')}}`;
}

function matchers(metric: Metric): string[] {
  return Object.entries(metric)
    .filter(([label]) => label !== NAME)
    .map(([label, value]) => `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quote(label)}=${quote(value)}`);
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
