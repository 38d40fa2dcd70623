/** Kinds of holidays that countries have, as `date-holidays` names them. */
export const HOLIDAY_TYPES = ['public', 'bank', 'school', 'optional', 'observance'] as const;

/** Days of the week as JavaScript numbers them, from 0. */
export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** Kinds of days by which a season may be conditional, as bits of the days of the week from Sunday. */
export const DAY_CONDITIONS = {
  weekday: 0b0111110,
  weekend: 0b1000001,
  saturday: 0b1000000,
  sunday: 0b0000001,
} as const;

/** A day, or the days from one to another, both included. Texts as in `YYYY-MM-DD`, or `MM-DD` in every year. */
export interface NamedDays {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** An entry of an iCalendar, from its beginning up to its end. */
export interface CalendarEvent {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The times are readings of the local clock of a rule, as those of a UTC clock; else they are instants. */
  readonly isLocal: boolean;
}

/** Where days come from that are not like others. Plain data: it is worked out for a year when that is asked for. */
export interface CalendarSettings {
  readonly name: string;
  /** ISO 3166 codes, and which kinds of its holidays. */
  readonly country?: { readonly code: string; readonly region?: string; readonly types: readonly string[] };
  readonly days: readonly NamedDays[];
  /** The entries of its iCalendar, of some years around the present one. */
  readonly events?: readonly CalendarEvent[];
}

/** What the days of a calendar mean for a rule; `beforeMs` and `afterMs` belong to them. */
export interface SpecialDaysSettings {
  readonly calendar: CalendarSettings;
  /**
   * `like`: expected to look as a day of the week; `learn`: as Prophet learns holidays; `ignore`: neither learnt nor scored.
   */
  readonly meaning:
    | { readonly kind: 'like'; readonly weekday: number }
    | { readonly kind: 'learn'; readonly priorScale?: number }
    | { readonly kind: 'ignore' };
  readonly beforeMs: number;
  readonly afterMs: number;
}
