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

interface PreviewSideJson {
  readonly step: number;
  readonly alarms_per_week: number;
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
