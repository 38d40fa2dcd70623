import type { AlarmKind } from './alarms.js';
import type { ExcludedTimeJson } from './exclusions.js';

/** `learning` until the first fit, `ended` once the source is stale. */
export type SeriesState = 'learning' | 'forecasting' | 'ended';

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

/** When a limit is reached, in Unix seconds; null for not within the horizon. */
interface LimitReachedJson {
  readonly expected: number | null;
  readonly earliest: number | null;
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
  /** Only where samples come later than `publish_delay`: by how many seconds, and whether the series is scored all the same. */
  readonly late?: { readonly by: number; readonly scored: boolean } | undefined;
  /** Only where samples come less often than once a step: seconds between two. */
  readonly sample_interval?: number | undefined;
  /**
   * By limit of the rule, when the series reaches it if it goes on growing, by what is expected and by the nearer edge of the
   * interval, as Unix time; null where that is beyond the horizon. Absent without limits, and until that is known.
   */
  readonly reaches_limit?: Readonly<Partial<Record<'min' | 'max', LimitReachedJson>>> | undefined;
  /** Only while the series is silent and should not be: why, and when its last sample came. */
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
  /** Only while there are any: the excluded times that it is in now. */
  readonly excluded?: readonly ExcludedTimeJson[] | undefined;
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
  /** How many have a time to a limit; absent where none has. */
  readonly limited?: number;
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
  /** With `group_by`: the groups in their order, with all their series that match, those of folded groups among them. */
  readonly groups?: readonly SeriesGroupJson[];
  readonly warnings?: readonly string[];
}

/** The series that have one value of a label, or lack it: then the name is empty. */
export interface SeriesGroupJson {
  readonly name: string;
  readonly series: number;
  readonly anomalous: number;
}
