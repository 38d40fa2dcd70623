import type { Member } from './incident.js';

/** A label value with a smaller share of its series in alarm may be several things at once. */
export const CLEAR_SHARE = 0.5;

/** Alarms that one label value explains. */
export interface Group {
  /** Undefined where it is the whole fleet. */
  readonly pair: number | undefined;
  readonly members: readonly Member[];
  /** How many series of the metrics in alarm have that value. */
  readonly of: number;
}
