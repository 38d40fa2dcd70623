/** An alarm of a preview: whether other settings take it away, leave it, or bring it. */
export interface PreviewAlarmJson {
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
    /** How much of the end was judged, and how many series were replayed of those that match. */
    readonly days: number;
    readonly series: number;
    readonly matched: number;
    /** For how many seconds of it there were forecasts and values, of the series that had most. */
    readonly tracked: number;
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
  readonly alarms: number;
  /** Null for less than a week, which says nothing about others. */
  readonly alarms_per_week: number | null;
}

/** A line before the answer, where `progress` asks for them: series that are done, or why it ended. */
export type PreviewLine =
  | { readonly status: 'progress'; readonly done: number; readonly total: number }
  | { readonly status: 'error'; readonly errorType: string; readonly error: string };

/** The answer of `GET /api/v1/preview`: what can be tried. */
export interface PreviewFormAnswer {
  readonly status: 'success';
  readonly data: {
    readonly rule: string;
    /** How many series match, and how many of them one preview replays at most. */
    readonly series: number;
    readonly max_series: number;
    /** What the rule sets now, in the words of the configuration file. */
    readonly settings: {
      readonly step: string;
      readonly prophet: { readonly interval_width: number };
      readonly anomaly: Readonly<Record<string, unknown>>;
      /** Numbers, or maps that name another series. */
      readonly limits: { readonly min?: unknown; readonly max?: unknown };
    };
  };
}
