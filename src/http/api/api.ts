/*
 * The JSON of `/api/v1/series`, `/api/v1/forecast` and `/api/v1/explain`, as the routes write it and the page reads it:
 * types alone, because the page may import nothing of the server that runs. Times are Unix seconds, durations seconds,
 * values in the unit of the series (of its rate, where the aggregate is `rate`). JSON has no NaN: where there is no
 * value it is null.
 */

/** `learning` until the first fit, `ended` once the source is stale. */
type SeriesState = 'learning' | 'forecasting' | 'ended';

/**
 * What is rare about an alarm: the value is far from what is expected; it jumped; it does not move as it usually does;
 * it has been moving away from last week's level; something that usually comes at this time did not; its events come
 * more often than usual; it is beyond the limits or bounds of its rule.
 */
export type AlarmKind = 'value' | 'jump' | 'stuck' | 'drift' | 'missing' | 'rate' | 'limit';

/** A level shift that may still be undone: when it was, which of the two levels is expected, and since when. */
export interface LevelShiftJson {
  readonly time: number;
  readonly expected: 'before' | 'after';
  readonly since: number;
}

/** What a young series will be watched for, and from when on: Unix seconds, for a sample in every step. */
export interface SettlingJson {
  /** The first forecast; until the series is settled only values very far from it are alarms. */
  readonly forecast?: number;
  /** From then on values are compared with what is rare for the series itself. */
  readonly value?: number;
  readonly stuck?: number;
  /** From then on a new level that stays is accepted. */
  readonly level_shift?: number;
  readonly drift?: number;
  /** From then on the history is long enough for the rhythm of a day, and of a week. */
  readonly daily?: number;
  readonly weekly?: number;
}

/** What Sentio knows of one series now. */
export interface SeriesJson {
  /** Every label, `__name__` among them. */
  readonly metric: Readonly<Record<string, string>>;
  readonly rule: string;
  readonly aggregate: string;
  /** What decided it: the rule, the type that the sender tells, how the metric behaves, or its name. */
  readonly aggregate_by: 'rule' | 'type' | 'behavior' | 'name';
  readonly step: number;
  readonly state: SeriesState;
  /** The step scored last, which `alarm` is about; before the first score the newest closed step. `time` is its end. */
  readonly last: {
    readonly time: number | null;
    readonly value: number | null;
    readonly yhat: number | null;
    readonly yhat_lower: number | null;
    readonly yhat_upper: number | null;
    readonly anomaly_score: number | null;
  };
  /** Only while the series is in alarm: of what kind, why in a sentence, and since when. */
  readonly alarm?: { readonly kind: AlarmKind; readonly reason: string; readonly since: number } | undefined;
  /** While the score is held up by an alarm that is over: when that ended. */
  readonly calming_since?: number | undefined;
  /** Only while the series is young: what it is not watched for yet. */
  readonly settling?: SettlingJson | undefined;
  /**
   * The share of steps that the interval is meant to hold, and the share that it did hold, out of sample, alarms
   * included; what was a day of steps ago counts half. Null for less than 100 steps.
   */
  readonly interval: { readonly nominal: number; readonly coverage: number | null };
  /** When a new level that the series had taken became what is expected. Null if none did, or the series went back. */
  readonly level_accepted_at: number | null;
  readonly level_shift?: LevelShiftJson | undefined;
  /** Where the series is silent while it should not be: why, and when it was last heard of. */
  /** Only where samples come later than `publish_delay`: by how many seconds, and whether the series is scored all the same. */
  readonly late?: { readonly by: number; readonly scored: boolean } | undefined;
  /** Only where samples come less often than once a step: seconds between two. */
  readonly sample_interval?: number | undefined;
  readonly missing?: { readonly reason: 'stale' | 'gap'; readonly since: number } | undefined;
  /** The present model, trained on so many means of `resolution`; absent until the first fit. */
  readonly fit?:
    | {
        readonly optimizer: string;
        readonly points: number;
        readonly resolution: number;
        readonly time: number;
        /** Its seasons by name; the trend alone where it has none. */
        readonly seasons: readonly string[];
      }
    | undefined;
  /** Why the last fit failed, until one succeeds. */
  readonly fit_error?: string | undefined;
  /** Of the rows that were asked for one. */
  readonly sparkline?: SparklineJson | undefined;
}

/** The last hours of a series in few points, `step` seconds wide: of each the value farthest from what was expected. */
export interface SparklineJson {
  readonly start: number;
  readonly step: number;
  readonly values: readonly (number | null)[];
  /** Empty before the first fit. */
  readonly yhat_lower: readonly (number | null)[];
  readonly yhat_upper: readonly (number | null)[];
}

/** How many series there are, whatever was asked for. A series is anomalous while it is in alarm: its last score is over 1. */
export interface SummaryJson {
  readonly series: number;
  readonly anomalous: number;
  readonly learning: number;
  readonly ended: number;
  /** The limit for which new series are refused now: `receiver.max_series`, or the memory budget. Absent while there is room. */
  readonly full?: 'series_limit' | 'memory_limit';
  /** Series that arrive and that no rule matches; `near_miss` is what looks like a typo in a rule, where no series is tracked. */
  readonly unmatched?: {
    readonly series: number;
    readonly near_miss?:
      | { readonly rule: string; readonly label: string; readonly wanted: string; readonly found: string }
      | undefined;
  };
  /** While history is read from a database: how many series have theirs, in parts of a series, of how many. */
  readonly history?: { readonly done: number; readonly total: number };
  /** Of the anomalous ones how many are in alarm of each kind; kinds of which there are none are not listed. */
  readonly kinds: readonly { readonly kind: AlarmKind; readonly anomalous: number }[];
  /** By rule, in order of their names. */
  readonly rules: readonly { readonly name: string; readonly series: number; readonly anomalous: number }[];
}

/** The answer of `GET /api/v1/series`. */
export interface SeriesAnswer {
  readonly status: 'success';
  /** At most `limit` of the series that match. */
  readonly data: readonly SeriesJson[];
  /** How many match. */
  readonly total: number;
  readonly summary: SummaryJson;
  readonly warnings?: readonly string[];
}

/** A series with what was observed and what is expected over a range of time, in columns. */
export interface ForecastSeriesJson extends SeriesJson {
  /** Width of the coarse buckets that older history is stored in. */
  readonly resolution: number;
  /** How far ahead there are forecasts. */
  readonly horizon: number;
  /** What the series are called in Prometheus; each carries the labels of its source. */
  readonly names: {
    readonly observed: string;
    readonly yhat: string;
    readonly yhat_lower: string;
    readonly yhat_upper: string;
    readonly anomaly_score: string;
  };
  /** The `horizon` labels under which the expected value is published ahead of time. */
  readonly horizons: readonly string[];
  readonly observed: {
    readonly times: readonly number[];
    readonly values: readonly (number | null)[];
    readonly anomaly_score: readonly (number | null)[];
    /** From here on the values are single steps, before it coarse buckets. Null where there are no steps. */
    readonly steps_from: number | null;
  };
  /** The alarms within the range, as far as they are remembered; those that were kept quiet too. */
  readonly alarms: readonly AlarmJson[];
  /** Absent until the first fit. */
  readonly forecast?:
    | {
        readonly times: readonly number[];
        readonly yhat: readonly (number | null)[];
        readonly yhat_lower: readonly (number | null)[];
        readonly yhat_upper: readonly (number | null)[];
        /** Where `components=true` asks for them. They add up to yhat, except where the bounds of the rule clamp it. */
        readonly components?: readonly ComponentJson[] | undefined;
      }
    | undefined;
}

/** One part of a forecast: the trend, or what a seasonality adds to it. */
export interface ComponentJson {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** The answer of `GET /api/v1/forecast`. */
export interface ForecastAnswer {
  readonly status: 'success';
  readonly data: readonly ForecastSeriesJson[];
}

/** A stretch of time in which a series was in alarm. */
export interface AlarmJson {
  readonly start: number;
  readonly end: number;
  /** Whether the step that was scored last is of it. */
  readonly is_ongoing: boolean;
  /** Of what was expected, when the score was highest. */
  readonly side: 'above' | 'below';
  readonly peak_score: number;
  /** What was rare about it when it began, and the same in a sentence. */
  readonly kind: AlarmKind;
  readonly reason: string;
  /** Whether it was suppressed because it comes at this time of the day or the week: its scores were published as less than 1. */
  readonly suppressed: boolean;
}

/** Alarms of several series that belong together, or of one alone. Times are Unix seconds. */
export interface IncidentJson {
  readonly id: string;
  readonly start: number;
  /** When the last alarm of it ended, so far. */
  readonly end: number;
  readonly is_open: boolean;
  /** Series that have been in it, and how many of them are missing. */
  readonly series: number;
  readonly missing_series: number;
  readonly peak_score: number;
  /** The most series that were in it at one time. */
  readonly peak_series: number;
  /** What brought its series together, and how many series of the same metrics have it; null for one series, or the whole fleet. */
  readonly grouped_by: (LabelValueJson & { readonly of: number }) | null;
  /** What all its series have. */
  readonly shared: { readonly labels: Readonly<Record<string, string>>; readonly rule: string | null };
  /** The series that began first. */
  readonly first: Readonly<Record<string, string>>;
  /** Where it may come from, the likeliest first: a hint, not a proof. */
  readonly causes: readonly IncidentCauseJson[];
  /** All of it as one would say it. */
  readonly text: string;
}

/** A label and its value, or a rule: then `label` is null. */
export interface LabelValueJson {
  readonly label: string | null;
  readonly value: string;
}

export interface IncidentCauseJson extends LabelValueJson {
  readonly series: number;
  readonly of: number;
  readonly start: number;
  /** How many seconds before all others it began. */
  readonly lead: number;
  /** How many of the others have its value in a label of another name. */
  readonly connected: number;
  readonly text: string;
}

export interface IncidentMemberJson {
  readonly metric: Readonly<Record<string, string>>;
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  readonly peak_score: number;
  readonly kind: AlarmKind | 'missing_series';
  readonly side: 'above' | 'below' | 'missing';
}

/** The answer of `GET /api/v1/incidents`. */
export interface IncidentsAnswer {
  readonly status: 'success';
  readonly data: readonly IncidentJson[];
  /** How many match. */
  readonly total: number;
}

/** The answer of `GET /api/v1/incidents/:id`. */
export interface IncidentAnswer {
  readonly status: 'success';
  readonly data: IncidentJson & { readonly members: readonly IncidentMemberJson[] };
}

/** What was, or is, expected of a series in one step, and what came. */
export interface ExplanationJson {
  readonly metric: Readonly<Record<string, string>>;
  readonly rule: string;
  readonly aggregate: string;
  readonly state: SeriesState;
  /** The step that holds the time asked for, or, where steps are not kept any more, the bucket of the history. */
  readonly start: number;
  readonly end: number;
  /** What came in it, and how many seconds that are. */
  readonly observed: { readonly value: number | null; readonly width: number };
  /** By the present model; absent until the first fit. The parts add up to yhat, except where bounds clamp it. */
  readonly expected?:
    | {
        readonly yhat: number | null;
        readonly yhat_lower: number | null;
        readonly yhat_upper: number | null;
        readonly interval_width: number;
        readonly parts: readonly { readonly name: string; readonly value: number | null }[];
      }
    | undefined;
  readonly anomaly_score: number | null;
  /** `published`: as it was published; `distance`: of the distance alone, by what is known now. */
  readonly score_basis: 'published' | 'distance' | 'none';
  /** Of the series now, whatever time is asked about. */
  readonly level_shift?: LevelShiftJson | undefined;
  /** The alarm that was then, and the last one before on the same side. */
  readonly alarm: AlarmJson | null;
  readonly last_similar: AlarmJson | null;
  /** The series of the same rule, and those others of them that were in alarm in the same step: the ten highest. */
  readonly peers: {
    readonly series: number;
    readonly anomalous: number;
    readonly worst: readonly { readonly metric: Readonly<Record<string, string>>; readonly alarm: AlarmJson }[];
  };
  /** The special day of the rule's calendars that it belongs to, and what that means. */
  readonly special_day?: {
    readonly name: string;
    readonly like?: string;
    readonly learn?: boolean;
    readonly ignore?: boolean;
  };
  /** All of it as one would say it, and what is to be known of where the figures come from. */
  readonly text: string;
  readonly notes: readonly string[];
}

/** The answer of `GET /api/v1/explain`. */
export interface ExplainAnswer {
  readonly status: 'success';
  readonly data: readonly ExplanationJson[];
}

/** An alarm of a preview: whether other settings take it away, leave it, or bring it. */
interface PreviewAlarmJson {
  readonly metric: Readonly<Record<string, string>>;
  readonly outcome: 'gone' | 'stayed' | 'added';
  readonly start: number;
  readonly end: number;
  readonly peak_score: number;
  /** When the score was highest. */
  readonly value: number;
  readonly yhat: number;
  readonly yhat_lower: number;
  readonly yhat_upper: number;
}

/** The answer of `POST /api/v1/preview`. */
export interface PreviewAnswer {
  readonly status: 'success';
  readonly data: {
    readonly rule: string;
    /** How much of the end was judged, and how many series were replayed. */
    readonly days: number;
    readonly series: number;
    /** With the settings as they are, and as they would be; `step` in seconds, that of the history where it is longer. */
    readonly before: PreviewSideJson;
    readonly after: PreviewSideJson;
    /** In order of time. */
    readonly alarms: readonly PreviewAlarmJson[];
    /** A configuration with the changed rule. */
    readonly yaml: string;
  };
}

interface PreviewSideJson {
  readonly step: number;
  readonly alarms_per_week: number;
}

/** The alarms of a group of series over time. */
export interface AlarmLaneJson {
  /** Of the rule or the kind, or the value of the label; empty where series lack it. */
  readonly name: string;
  /** Series of the group now, and those of them in alarm; 0 of a kind. */
  readonly series: number;
  readonly anomalous: number;
  /** Alarms within the range, as far as they are remembered. */
  readonly alarms: number;
  /** How many of them there were at each point. */
  readonly counts: readonly number[];
}

/** The answer of `GET /api/v1/alarms`. */
export interface AlarmsAnswer {
  readonly status: 'success';
  /** Where the first point begins, and how many seconds each is wide. */
  readonly start: number;
  readonly step: number;
  /** How many groups there are; `data` has those with most alarms. */
  readonly total: number;
  readonly data: readonly AlarmLaneJson[];
}

/** What the page shows beside the series. */
export interface PageJson {
  readonly version: string;
  /** Where other pages are, as `page` in the configuration has them. */
  readonly links: {
    readonly prometheus_url?: string | undefined;
    readonly grafana_url?: string | undefined;
    readonly alertmanager_url?: string | undefined;
    readonly runbook_url?: string | undefined;
  };
  /** The remote_write targets that do not accept forecasts now, why in words, and since when. */
  readonly failing_targets: readonly {
    readonly name: string;
    readonly reason: string;
    readonly since: number;
    /** There where curves of the future are all that a target does not accept. */
    readonly only_curves?: true;
  }[];
}

/** The answer of `GET /api/v1/status/page`. */
export interface PageAnswer {
  readonly status: 'success';
  readonly data: PageJson;
}

/** Any answer that is not 2xx. */
export interface ErrorAnswer {
  readonly status: 'error';
  readonly errorType: string;
  readonly error: string;
}
