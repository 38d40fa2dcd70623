import type { NearMiss } from './near-miss.js';

/** Series that arrive and that no rule matches. */
export interface Unmatched {
  readonly series: number;
  /** What looks like a typo in a rule. */
  readonly nearMiss: NearMiss | undefined;
}
