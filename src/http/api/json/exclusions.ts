/** What a person excluded: see `POST /api/v1/exclusions` in docs/api.md. */
export interface ExclusionJson {
  readonly id: string;
  readonly kind: 'maintenance' | 'not_an_anomaly' | 'incident';
  readonly match: readonly string[];
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
  readonly created: number;
  readonly reason: string;
  readonly state: 'pending' | 'active' | 'expired';
  /** How many alarms it says were none. */
  readonly accepted_alarms: number;
}

export interface ExclusionsAnswer {
  readonly status: 'success';
  readonly data: readonly ExclusionJson[];
}

export interface ExclusionAnswer {
  readonly status: 'success';
  readonly data: ExclusionJson;
}
