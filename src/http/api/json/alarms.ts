/**
 * What is rare about an alarm: the value is far from what is expected; it jumped; it does not move as it usually does;
 * it has been moving away from last week's level; something that usually comes at this time did not; its events come
 * more often than usual; it is beyond the limits or bounds of its rule.
 */
export type AlarmKind = 'value' | 'jump' | 'stuck' | 'drift' | 'missing' | 'rate' | 'limit';

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
