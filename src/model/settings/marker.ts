import type { Matcher } from '../labels/matcher.js';

/** Series whose changes mark an event, such as a deployment or a restart. */
export interface MarkerSettings {
  readonly name: string;
  /** Any of them selects a series. */
  readonly selectors: readonly (readonly Matcher[])[];
  /** A new value of one of these labels is an event; empty: a new value of the samples is. */
  readonly labels: readonly string[];
  /** What the event happened to: what has the same values of these labels. Undefined: every series by itself. */
  readonly by?: readonly string[];
}
