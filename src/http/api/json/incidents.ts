import type { AlarmKind } from './alarms.js';
import type { MarkerEventJson } from './markers.js';

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
  readonly causes: readonly (IncidentEventCauseJson | IncidentCauseJson)[];
  /** All of it as one would say it. */
  readonly text: string;
}

/** A label and its value, or a rule: then `label` is null. */
export interface LabelValueJson {
  readonly label: string | null;
  readonly value: string;
}

/** Something that happened before. */
export interface IncidentEventCauseJson {
  readonly event: MarkerEventJson;
  /** How many things it happened to alike; `event` is the first. */
  readonly events: number;
  /** How many series it may concern, and when the first of them began. */
  readonly series: number;
  readonly start: number;
  /** How many seconds before that it was seen. */
  readonly lead: number;
  readonly text: string;
}

/** Series that share a label value. */
export interface IncidentCauseJson extends LabelValueJson {
  readonly event?: undefined;
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
