import { type Static, type TProperties, Type } from 'typebox';
import { AGGREGATES, SEVERITIES } from '../../model/settings/settings.js';
import { DAY_CONDITIONS, HOLIDAY_TYPES, WEEKDAYS } from '../../model/settings/special-days.js';
import {
  builtInSeasonality,
  bySide,
  clockTime,
  countryCode,
  cron,
  date,
  dayTypes,
  duration,
  durationOrFalse,
  falseAlarms,
  figure,
  labelName,
  MAX_FOURIER_ORDER,
  period,
  proxyUrl,
  seasonName,
  secret,
  selector,
  TLS_VERSIONS,
  url,
  username,
  weekly,
  zoneName,
} from './values.js';

/*
 * The shape of the configuration file: what each key may hold. Contradictions between keys are found in
 * contradictions.ts, and defaults.ts says what a missing key means.
 */

const closed = { additionalProperties: false };
const object = <T extends TProperties>(properties: T, options = {}) =>
  Type.Object(properties, { ...closed, ...options });
const partial = <T extends TProperties>(properties: T, options = {}) =>
  Type.Partial(Type.Object(properties), { ...closed, ...options });

/** Text in place of one of these maps is probably a secret too. */
const holdsSecrets = { secret: true };

const count = Type.Integer({ minimum: 1 });
/** 0 means that there is none. */
const limit = Type.Integer({ minimum: 0 });
const positive = Type.Number({ exclusiveMinimum: 0 });
const name = Type.String({ minLength: 1 });

/** Keys of basic_auth and authorization, as in Prometheus' HTTP configuration. */
const AUTH = {
  basic_auth: object({ username, password: Type.Optional(secret), password_file: Type.Optional(name) }, holdsSecrets),
  authorization: partial({ type: name, credentials: secret, credentials_file: name }, holdsSecrets),
};

const TlsConfig = partial({
  ca_file: name,
  cert_file: name,
  key_file: name,
  server_name: name,
  min_version: Type.Enum(TLS_VERSIONS),
  max_version: Type.Enum(TLS_VERSIONS),
  insecure_skip_verify: Type.Boolean(),
});

/** Keys that say by which proxy a server is reached. */
const PROXY = {
  proxy_url: proxyUrl,
  no_proxy: name,
  proxy_from_environment: Type.Boolean(),
  proxy_connect_header: Type.Record(Type.String(), Type.Array(secret, { minItems: 1 }), holdsSecrets),
};

const OAuth2 = object(
  {
    client_id: name,
    client_secret: Type.Optional(secret),
    client_secret_file: Type.Optional(name),
    token_url: url,
    scopes: Type.Optional(Type.Array(name)),
    endpoint_params: Type.Optional(Type.Record(Type.String(), secret, holdsSecrets)),
    tls_config: Type.Optional(TlsConfig),
    ...Type.Partial(Type.Object(PROXY)).properties,
  },
  holdsSecrets,
);

const SigV4 = object(
  {
    region: name,
    access_key: Type.Optional(name),
    secret_key: Type.Optional(secret),
    profile: Type.Optional(name),
  },
  holdsSecrets,
);

const Receiver = {
  max_body_bytes: count,
  max_decoded_bytes: count,
  max_inflight_bytes: count,
  max_concurrent_requests: count,
  request_timeout: duration({ min: '1s' }),
  max_samples_per_request: count,
  max_series: count,
  max_new_series_per_second: limit,
  max_samples_per_second: limit,
  max_labels: count,
  max_label_name_bytes: count,
  max_label_value_bytes: count,
  max_future: duration({ min: '0s' }),
  max_read_series: count,
  max_read_samples: count,
  read_timeout: duration({ min: '1ms' }),
  writers: Type.Array(partial(AUTH, holdsSecrets), holdsSecrets),
  readers: Type.Array(partial(AUTH, holdsSecrets), holdsSecrets),
  admins: Type.Array(partial(AUTH, holdsSecrets), holdsSecrets),
  external_labels: Type.Array(labelName, { uniqueItems: true }),
};

const Engine = {
  series_idle_timeout: duration({ min: '1s' }),
  fit_threads: Type.Integer({ minimum: 1, maximum: 256 }),
  snapshot_interval: duration({ min: '1s' }),
  ownership_grace_period: duration({ min: '0s', max: '5m' }),
};

const Peer = {
  url,
  name: Type.Optional(name),
  basic_auth: Type.Optional(AUTH.basic_auth),
  authorization: Type.Optional(AUTH.authorization),
  bearer_token: Type.Optional(secret),
  bearer_token_file: Type.Optional(name),
  oauth2: Type.Optional(OAuth2),
  sigv4: Type.Optional(SigV4),
  tls_config: Type.Optional(TlsConfig),
  ...Type.Partial(Type.Object(PROXY)).properties,
  headers: Type.Optional(Type.Record(Type.String(), secret, holdsSecrets)),
  remote_timeout: Type.Optional(duration({ min: '1ms' })),
};

const Queue = {
  capacity: count,
  max_samples_per_send: count,
  batch_send_deadline: duration({ min: '1ms' }),
  min_backoff: duration({ min: '1ms' }),
  max_backoff: duration({ min: '1ms' }),
  sample_age_limit: duration({ min: '1s' }),
};

const RemoteWrite = object({
  ...Peer,
  protobuf_message: Type.Optional(Type.Enum(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'])),
  future: Type.Optional(duration({ min: '0s', max: '30d' })),
  queue_config: Type.Optional(partial(Queue)),
});

const RemoteRead = object({
  ...Peer,
  api: Type.Optional(Type.Enum(['remote_read', 'query_range'])),
  window: Type.Optional(duration({ min: '1m' })),
  max_series_per_request: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  max_concurrent_requests: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  pause: Type.Optional(duration({ min: '0s' })),
});

const QuerySource = object({
  ...Peer,
  window: Type.Optional(duration({ min: '1m' })),
  max_concurrent_requests: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  pause: Type.Optional(duration({ min: '0s' })),
});

const Seasonality = object({
  name: seasonName,
  period,
  fourier_order: Type.Integer({ minimum: 1, maximum: MAX_FOURIER_ORDER }),
  prior_scale: Type.Optional(positive),
  mode: Type.Optional(Type.Enum(['additive', 'multiplicative'])),
  condition: Type.Optional(Type.Enum(Object.keys(DAY_CONDITIONS) as (keyof typeof DAY_CONDITIONS)[])),
});

const Prophet = {
  growth: Type.Enum(['linear', 'flat', 'logistic']),
  n_changepoints: Type.Integer({ minimum: 0, maximum: 500 }),
  changepoint_range: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  changepoint_prior_scale: positive,
  changepoints: Type.Array(clockTime, { maxItems: 500 }),
  yearly_seasonality: builtInSeasonality,
  weekly_seasonality: builtInSeasonality,
  daily_seasonality: builtInSeasonality,
  seasonalities: Type.Array(Seasonality),
  day_types: dayTypes,
  seasonality_mode: Type.Enum(['additive', 'multiplicative']),
  seasonality_prior_scale: positive,
  holidays_mode: Type.Enum(['additive', 'multiplicative']),
  holidays_prior_scale: positive,
  scaling: Type.Enum(['absmax', 'minmax']),
  interval_width: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  cap: figure,
  floor: figure,
  optimizer: Type.Enum(['auto', 'exact', 'stan']),
  outliers: Type.Enum(['limit', 'learn']),
};

/** Calendars that ask for a login ask for a password or a token. */
const { name: _, bearer_token: _b, bearer_token_file: _f, oauth2: _o, sigv4: _s, ...icalPeer } = Peer;

const Calendar = object({
  name,
  country: Type.Optional(countryCode),
  region: Type.Optional(name),
  types: Type.Optional(Type.Array(Type.Enum(HOLIDAY_TYPES), { minItems: 1, uniqueItems: true })),
  days: Type.Optional(
    Type.Array(object({ name, date: Type.Optional(date), from: Type.Optional(date), to: Type.Optional(date) })),
  ),
  ical_file: Type.Optional(name),
  ical: Type.Optional(object({ ...icalPeer, refresh_interval: Type.Optional(duration({ min: '1m' })) })),
});

/** Of a day that is learnt: a fortnight has 14 columns before it, and as many after it. */
const MAX_WINDOW = '14d';

const SpecialDays = object({
  calendar: name,
  like: Type.Optional(Type.Enum(WEEKDAYS)),
  learn: Type.Optional(Type.Literal(true)),
  prior_scale: Type.Optional(positive),
  ignore: Type.Optional(Type.Literal(true)),
  before: Type.Optional(duration({ min: '0s', max: MAX_WINDOW })),
  after: Type.Optional(duration({ min: '0s', max: MAX_WINDOW })),
});

const Exclude = object({
  name: Type.Optional(name),
  from: Type.Optional(clockTime),
  to: Type.Optional(clockTime),
  weekly: Type.Optional(weekly),
  cron: Type.Optional(cron),
  for: Type.Optional(duration({ min: '1m', max: '31d' })),
  calendar: Type.Optional(name),
  alarms: Type.Optional(Type.Boolean()),
  learn: Type.Optional(Type.Boolean()),
});

/** Keys that `defaults` and every rule may hold. */
const Series = {
  timezone: zoneName,
  special_days: Type.Array(SpecialDays),
  exclude: Type.Array(Exclude, { maxItems: 100 }),
  step: duration({ min: '100ms' }),
  aggregate: Type.Enum(['auto', ...AGGREGATES]),
  histogram: partial({
    quantiles: Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), {
      uniqueItems: true,
      maxItems: 10,
    }),
  }),
  history: duration({ min: '1s' }),
  resolution: duration({ min: '100ms' }),
  horizon: duration({ min: '100ms' }),
  horizons: Type.Array(duration({ min: '100ms' })),
  refit_interval: duration({ min: '1s' }),
  publish_delay: duration({ min: '0s', max: '5m' }),
  lead: duration({ min: '0s', max: '9m' }),
  prophet: partial(Prophet),
  interval: Type.Enum(['calibrated', 'prophet']),
  bounds: partial({ min: Type.Number(), max: Type.Number() }),
  limits: partial({ min: figure, max: figure }),
  anomaly: partial({
    direction: Type.Enum(['both', 'up', 'down']),
    false_alarms: falseAlarms,
    min_deviation: bySide,
    min_relative_deviation: bySide,
    accept_after: duration({ min: '1s' }),
    publish_kind: Type.Boolean(),
  }),
  severity: Type.Enum(SEVERITIES),
  missing_after: durationOrFalse({ min: '1s' }),
  max_series: limit,
};

const Rule = Type.Object(
  { name, match: Type.Array(selector, { minItems: 1 }), ...Type.Partial(Type.Object(Series)).properties },
  closed,
);

const Query = Type.Object(
  {
    name,
    expr: name,
    source: Type.Optional(name),
    offset: Type.Optional(duration({ min: '0s', max: '5m' })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    ...Type.Partial(Type.Object(Series)).properties,
  },
  closed,
);

const Marker = object({
  name,
  match: Type.Array(selector, { minItems: 1 }),
  labels: Type.Optional(Type.Array(labelName, { maxItems: 10, uniqueItems: true })),
  by: Type.Optional(Type.Array(labelName, { uniqueItems: true })),
});

/** Where links of the page and of alerts lead. */
const Page = { prometheus_url: url, grafana_url: url, alertmanager_url: url, docs_url: url, runbook_url: url };

export const ConfigFile = partial({
  page: partial(Page),
  receiver: partial(Receiver),
  engine: partial(Engine),
  remote_write: Type.Array(RemoteWrite),
  remote_read: Type.Array(RemoteRead),
  query_sources: Type.Array(QuerySource),
  calendars: Type.Array(Calendar),
  defaults: partial(Series),
  queries: Type.Array(Query),
  rules: Type.Array(Rule, { minItems: 1 }),
  markers: Type.Array(Marker, { maxItems: 50 }),
});

/** A configuration file as read, once it has this shape. */
export type ConfigFile = Static<typeof ConfigFile>;
export type ReceiverFile = NonNullable<ConfigFile['receiver']>;
export type PageFile = NonNullable<ConfigFile['page']>;
export type EngineFile = NonNullable<ConfigFile['engine']>;
export type RemoteWriteFile = Static<typeof RemoteWrite>;
export type RemoteReadFile = Static<typeof RemoteRead>;
export type QuerySourceFile = Static<typeof QuerySource>;
/** What every remote peer may have. */
export type PeerFile = Pick<RemoteReadFile, keyof typeof Peer>;
export type SeriesFile = NonNullable<ConfigFile['defaults']>;
export type CalendarFile = Static<typeof Calendar>;
export type IcalFile = NonNullable<CalendarFile['ical']>;
export type SpecialDaysFile = Static<typeof SpecialDays>;
export type ExcludeFile = Static<typeof Exclude>;
export type RuleFile = Static<typeof Rule>;
export type QueryFile = Static<typeof Query>;
export type MarkerFile = Static<typeof Marker>;
/** Credentials, for a peer or for Sentio itself. */
export type AuthFile = Pick<PeerFile, 'basic_auth' | 'authorization'>;
export type OAuth2File = Static<typeof OAuth2>;
export type TlsFile = Static<typeof TlsConfig>;
export type ProxyFile = Pick<PeerFile, keyof typeof PROXY>;
