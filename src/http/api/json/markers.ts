/** A label whose value changed; `label` is null where the value of the series did. `''`: there was no such label. */
interface MarkerChangeJson {
  readonly label: string | null;
  readonly from: string;
  readonly to: string;
}

/** Something that happened from outside, such as a deployment. Times are Unix seconds. */
export interface MarkerEventJson {
  readonly marker: string;
  readonly metric: string;
  readonly time: number;
  /** What it happened to. */
  readonly labels: Readonly<Record<string, string>>;
  readonly changes: readonly MarkerChangeJson[];
  /** What changed, as one would say it. */
  readonly text: string;
}

/** The answer of `GET /api/v1/markers`. */
export interface MarkersAnswer {
  readonly status: 'success';
  readonly data: readonly MarkerEventJson[];
  /** How many match. */
  readonly total: number;
}
