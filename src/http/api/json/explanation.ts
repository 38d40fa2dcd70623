import type { AlarmJson } from './alarms.js';
import type { AcceptanceJson, ExcludedTimeJson, SpecialDayJson } from './exclusions.js';
import type { MarkerEventJson } from './markers.js';
import type { LevelShiftJson, SeriesState } from './series.js';

/** One observation with what it came from, such as the id of a trace. */
export interface ExemplarJson {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly time: number;
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
  readonly special_day?: SpecialDayJson;
  /** The excluded times that it belongs to: where `alarms` is false there is no score. */
  readonly excluded_times: readonly ExcludedTimeJson[];
  /** What a person marked as no anomaly, and because of which the alarm is suppressed. */
  readonly acceptance?: AcceptanceJson;
  /** What happened to what it belongs to, from half an hour before the alarm, or else the step, to its end: the five closest to its start. */
  readonly events: readonly (MarkerEventJson & {
    /** Seconds from the event to the start; negative where it came later. */
    readonly before: number;
  })[];
  /** Exemplars in the step, or in the alarm that it is part of: at most ten, newest first. */
  readonly exemplars: readonly ExemplarJson[];
  /** All of it as one would say it, and what is to be known of where the figures come from. */
  readonly text: string;
  readonly notes: readonly string[];
}

/** The answer of `GET /api/v1/explain`. */
export interface ExplainAnswer {
  readonly status: 'success';
  readonly data: readonly ExplanationJson[];
}
