import type { AlarmJson } from './alarms.js';
import type { ExcludedTimeJson, SpecialSpanJson } from './exclusions.js';
import type { MarkerEventJson } from './markers.js';
import type { SeriesJson } from './series.js';

/** A series with what was observed and what is expected over a range of time, in columns. */
export interface ForecastSeriesJson extends SeriesJson {
  /** Width of the coarse buckets that older history is stored in. */
  readonly resolution: number;
  /** How far ahead there are forecasts. */
  readonly horizon: number;
  /** Time of the oldest sample that is known. Null where there is none. */
  readonly history_from: number | null;
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
  /** Excluded times and special days that have a part in the range, in order; no further back than its history. */
  readonly excluded_times: readonly ExcludedTimeJson[];
  readonly special_days: readonly SpecialSpanJson[];
  /** Of its rule, by which its days are. */
  readonly timezone: string;
  /** What happened within the range to what it belongs to: the newest 100, in order of time. */
  readonly events: readonly MarkerEventJson[];
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
