import type { CalendarSettings } from './special-days.js';

/** What becomes of a time that is excluded: one of the two is false. */
export interface ExclusionEffect {
  /** Whether steps are scored for people to see: published, counted and alarms as ever. */
  readonly alarms: boolean;
  /** Whether steps are learnt, by fits and by the score. */
  readonly learn: boolean;
}

/** A time, by the clock of a rule (`isLocal`: as the same reading of a UTC clock) or as an instant. */
export interface ClockTime {
  readonly timeMs: number;
  readonly isLocal: boolean;
}

/** When a rule excludes: once, whenever a cron expression says, or on the days of a calendar. */
export type ExcludedWhen =
  | { readonly kind: 'once'; readonly from: ClockTime; readonly to: ClockTime }
  | { readonly kind: 'cron'; readonly expression: string; readonly lengthMs: number }
  | { readonly kind: 'calendar'; readonly calendar: CalendarSettings };

/** Times that a rule excludes. */
export interface ExcludeSettings extends ExclusionEffect {
  /** For people. */
  readonly name: string;
  readonly when: ExcludedWhen;
}
