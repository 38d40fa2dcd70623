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

/** A time of one series that is excluded, by its rule or by a person. */
export interface ExcludedTimeJson {
  readonly start: number;
  readonly end: number;
  readonly kind: ExclusionJson['kind'] | 'rule';
  /** Of what a person excluded. */
  readonly id?: string;
  readonly reason: string;
  /** Whether steps of that time are scored and may be alarms, and whether they are learnt. */
  readonly alarms: boolean;
  readonly learn: boolean;
}

/** What a person marked as no anomaly: an alarm, or one like it. */
export interface AcceptanceJson {
  readonly id: string;
  readonly reason: string;
  readonly created: number;
  readonly start: number;
  readonly end: number;
}

/** A day of the calendars of a rule: one of `like`, `learn` and `ignore` says what it means. */
export interface SpecialDayJson {
  readonly name: string;
  /** The day of the week it is expected to look like, as `sunday`. */
  readonly like?: string;
  readonly learn?: boolean;
  readonly ignore?: boolean;
  /** The same as one would say it. */
  readonly text: string;
}

/** The special days of a range: each with its span. */
export interface SpecialSpanJson extends SpecialDayJson {
  readonly start: number;
  readonly end: number;
}

export interface ExclusionsAnswer {
  readonly status: 'success';
  readonly data: readonly ExclusionJson[];
}

export interface ExclusionAnswer {
  readonly status: 'success';
  readonly data: ExclusionJson;
}
