import { availableParallelism } from 'node:os';
import { formatDuration } from '../../lib/durations.js';
import { RECEIVER_DEFAULTS as RECEIVER } from '../../model/settings/receiver.js';
import type { DayTypes, Severity } from '../../model/settings/settings.js';
import type {
  AuthFile,
  CalendarFile,
  EngineFile,
  IcalFile,
  MarkerFile,
  OAuth2File,
  PeerFile,
  QueryFile,
  QuerySourceFile,
  ReceiverFile,
  RemoteReadFile,
  RemoteWriteFile,
  RuleFile,
  SeriesFile,
} from './schema.js';

/*
 * What a key means that the file does not have, in the file's own words. Defaults that depend on other keys are in
 * fill-rule.ts (resolution, lead, publish_delay) and peers.ts (name).
 */

/** For the reasons see RECEIVER_DEFAULTS. */
export const RECEIVER_DEFAULTS = {
  max_body_bytes: RECEIVER.maxBodyBytes,
  max_decoded_bytes: RECEIVER.maxDecodedBytes,
  max_inflight_bytes: RECEIVER.maxInflightBytes,
  max_concurrent_requests: RECEIVER.maxConcurrentRequests,
  request_timeout: formatDuration(RECEIVER.requestTimeoutMs),
  max_samples_per_request: RECEIVER.maxSamplesPerRequest,
  max_series: RECEIVER.maxSeries,
  max_new_series_per_second: 0,
  max_samples_per_second: 0,
  max_labels: RECEIVER.maxLabels,
  max_label_name_bytes: RECEIVER.maxLabelNameBytes,
  max_label_value_bytes: RECEIVER.maxLabelValueBytes,
  max_future: formatDuration(RECEIVER.maxFutureMs),
  max_read_series: RECEIVER.maxReadSeries,
  max_read_samples: RECEIVER.maxReadSamples,
  read_timeout: formatDuration(RECEIVER.readTimeoutMs),
  writers: [],
  readers: [],
  admins: [],
  external_labels: [],
} satisfies ReceiverFile;

export const MARKER_DEFAULTS = {
  // The value of the samples is what is looked at.
  labels: [],
} satisfies Partial<MarkerFile>;

/** What an event happened to where a marker looks at labels: what runs as one service. */
export const MARKER_BY = ['cluster', 'namespace', 'job'] as const;

export const ENGINE_DEFAULTS = {
  // A restart of the source or of its Prometheus is over by then, and a dead pod's ring does not wait for long.
  series_idle_timeout: '1h',
  // One core stays free for receiving, scoring and publishing.
  fit_threads: Math.max(1, availableParallelism() - 1),
  // A crash loses this much at most, and a source of history fills it again. 100,000 series make 1.1 GB: 100 GB a day,
  // where every 5 minutes would wear a disk out at 320 GB a day.
  snapshot_interval: '15m',
  // No other Sentio publishes the same series.
  ownership_grace_period: '0s',
} satisfies EngineFile;

export const AUTHORIZATION_DEFAULTS = {
  // Prometheus' own.
  type: 'Bearer',
} satisfies AuthFile['authorization'];

export const OAUTH2_DEFAULTS = {
  scopes: [],
} satisfies Partial<OAuth2File>;

export const TLS_DEFAULTS = {
  insecure_skip_verify: false,
} satisfies PeerFile['tls_config'];

export const REMOTE_WRITE_DEFAULTS = {
  proxy_from_environment: false,
  headers: {},
  // Prometheus' own.
  remote_timeout: '30s',
  // 2.0 is a release candidate, and a receiver that knows only 1.0 may answer 204 to it and store nothing.
  protobuf_message: 'prometheus.WriteRequest',
  // Only some stores keep samples ahead of their clock, and Prometheus is none of them.
  future: '0s',
  queue_config: {
    // Ten minutes of outage of the target: 100,000 series × 4 samples (yhat, lower, upper, score) × 10 steps of 1m.
    // Compressed requests of 2,000 samples with 9 labels take 34 bytes a sample: 140 MB when the queue is full.
    capacity: 4_000_000,
    // Prometheus' own, which every receiver is tuned for.
    max_samples_per_send: 2000,
    batch_send_deadline: '5s',
    min_backoff: '30ms',
    max_backoff: '5s',
    // Prometheus' head takes samples until half a block (of 2h) behind its newest; older ones would be refused.
    sample_age_limit: '1h',
  },
} satisfies Partial<RemoteWriteFile>;

export const REMOTE_READ_DEFAULTS = {
  proxy_from_environment: false,
  headers: {},
  // Prometheus' own for reads.
  remote_timeout: '1m',
  // VictoriaMetrics has the other.
  api: 'remote_read',
  // 100 series scraped every 15s: 576,000 samples, 1 MB of XOR chunks or 10 MB of samples.
  window: '1d',
  max_series_per_request: 100,
  // Prometheus serves 10 at one time, to others too (--storage.remote.read-concurrent-limit).
  max_concurrent_requests: 2,
  pause: '100ms',
} satisfies Partial<RemoteReadFile>;

export const QUERY_SOURCE_DEFAULTS = {
  proxy_from_environment: false,
  headers: {},
  // Prometheus' own limit of a query is 2m (--query.timeout); one that takes longer than a step is no use.
  remote_timeout: '1m',
  window: '1d',
  // Prometheus evaluates 20 at one time, for others too (--query.max-concurrency).
  max_concurrent_requests: 2,
  pause: '100ms',
} satisfies Partial<QuerySourceFile>;

export const ICAL_DEFAULTS = {
  proxy_from_environment: false,
  headers: {},
  remote_timeout: '30s',
  // Who enters a day off for tomorrow has it there tonight.
  refresh_interval: '1h',
} satisfies Partial<IcalFile>;

export const QUERY_DEFAULTS = {
  // VictoriaMetrics answers nothing newer (-search.latencyOffset), and what comes to a store by remote write is this
  // late at times.
  offset: '30s',
  labels: {},
  // A result is the value of its step: there is nothing to be summed up.
  aggregate: 'last',
} satisfies Partial<QueryFile>;

type BySideFile = NonNullable<NonNullable<SeriesFile['anomaly']>['min_deviation']>;

export const SERIES_DEFAULTS = {
  // Prometheus knows no other.
  timezone: 'UTC',
  special_days: [],
  exclude: [],
  // Prometheus' own default scrape_interval.
  step: '1m',
  // By metadata type, else by name: a counter's rate, anything else's mean.
  aggregate: 'auto',
  // Prophet turns weekly seasonality on once last − first ≥ 14d; the day more is for series that came a little late.
  history: '15d',
  // One period of the season nearly every metric has.
  horizon: '1d',
  horizons: [],
  // A forecast of a day is little wiser after less than an hour, and 100,000 series make 28 fits a second of it.
  refit_interval: '1h',
  // Prophet's own (facebook/prophet forecaster.py), except the two with a reason.
  prophet: {
    growth: 'linear',
    n_changepoints: 25,
    changepoint_range: 0.8,
    changepoint_prior_scale: 0.05,
    yearly_seasonality: 'auto',
    weekly_seasonality: 'auto',
    daily_seasonality: 'auto',
    seasonalities: [],
    // Weekends of their own only where the last week shows that they help (docs/accuracy.md).
    day_types: 'auto' as DayTypes,
    seasonality_mode: 'additive',
    seasonality_prior_scale: 10,
    holidays_prior_scale: 10,
    scaling: 'absmax',
    // Prophet's 0.8 would put one healthy sample in five outside the interval; this puts one in a hundred there.
    interval_width: 0.99,
    optimizer: 'auto',
    // Prophet learns an incident as it learns anything else, and expects it again.
    outliers: 'limit',
  },
  // Prophet's own holds from 0.70 to 0.95 where 0.8 is meant (docs/accuracy.md).
  interval: 'calibrated',
  bounds: {},
  limits: {},
  anomaly: {
    direction: 'both',
    // At one false alarm a week for each series, people still look at alarms.
    false_alarms: '1 per week',
    min_deviation: 0 as BySideFile,
    min_relative_deviation: 0 as BySideFile,
    // Incidents are over by then, or known; a deployment that changed the load for good need not stay in alarm for
    // longer.
    accept_after: '2h',
    publish_kind: true,
  },
  // Single series alarm falsely now and then; what many of them feel is an incident, which pages.
  severity: 'ticket' as Severity,
  // A restart is over by then; PromQL looks back half as long.
  missing_after: '10m' as string | false,
  // One rule may have all the series that receiver.max_series allows.
  max_series: 0,
} satisfies SeriesFile;

export const CALENDAR_DEFAULTS = {
  // Days off; the other kinds hardly change what a service has to do.
  types: ['public'],
  days: [],
} satisfies Partial<CalendarFile>;

/** Without `rules`, every series with a name is tracked. */
export const RULES_DEFAULT = [{ name: 'default', match: ['{__name__=~".+"}'] }] satisfies RuleFile[];
