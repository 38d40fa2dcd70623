import type { Bounds } from '../../model/settings/settings.js';
import type { TrackedSeries } from './tracked-series.js';

export const LIMIT_SIDES = ['min', 'max'] as const;
export type LimitSide = (typeof LIMIT_SIDES)[number];

/** When a limit is reached, in Unix milliseconds: by what is expected, and by the nearer edge of the interval; Infinity for not within the horizon. */
export interface Crossing {
  readonly side: LimitSide;
  readonly expectedMs: number;
  readonly earliestMs: number;
}

/** What was worked out last, by which limits, how far ahead, and when that is due again. */
export interface Crossings {
  readonly limits: Bounds;
  readonly horizonMs: number;
  readonly dueMs: number;
  readonly found: readonly Crossing[];
}

export function noteCrossings(series: TrackedSeries, crossings: Crossings): void {
  series.crossings = crossings;
}
