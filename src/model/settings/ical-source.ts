import type { Endpoint } from './endpoint.js';
import type { CalendarEvent } from './special-days.js';

/** Where the iCalendar of a calendar comes from, which is read again and again. */
export type IcalSource = {
  /** The name of the calendar. */
  readonly calendar: string;
  /** What it had when the configuration was read; none of what is fetched. */
  readonly events: readonly CalendarEvent[];
} & (
  | { readonly file: string }
  | {
      readonly endpoint: Endpoint;
      readonly refreshIntervalMs: number;
    }
);
