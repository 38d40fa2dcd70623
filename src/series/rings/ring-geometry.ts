import type { SeriesSettings } from '../../model/settings/settings.js';

const STEPS_SPAN_MS = 4 * 3_600_000;
const MIN_STEPS = 64;

/** Sizes of one series' two rings, in buckets. They lie side by side: the fine tier as Float64, then the coarse one as Float32. */
export interface RingGeometry {
  /** Fine tier: one bucket per step. */
  readonly fineBuckets: number;
  /** Coarse tier: one bucket per resolution. */
  readonly coarseBuckets: number;
  /** Steps within one coarse bucket. */
  readonly stepsPerBucket: number;
}

/**
 * The fine tier reaches back 4 hours, and at least 64 steps and two coarse buckets, so that a coarse bucket can be derived
 * from its steps until it is closed and after. The coarse tier has one bucket more than `historyMs` needs, so that its first and last values
 * lie `historyMs` apart even while the last bucket is open: Prophet turns weekly seasonality on at 14 days.
 */
export function ringGeometry(settings: SeriesSettings): RingGeometry {
  const { stepMs, resolutionMs, historyMs } = settings;
  const stepsPerBucket = resolutionMs / stepMs;
  if (!(Number.isInteger(stepsPerBucket) && stepsPerBucket >= 1)) {
    throw new RangeError(
      `Cannot size a ring: resolution must be a multiple of step ${stepMs} ms, got ${resolutionMs} ms`,
    );
  }
  return {
    fineBuckets: Math.max(Math.ceil(STEPS_SPAN_MS / stepMs), MIN_STEPS, 2 * stepsPerBucket),
    coarseBuckets: Math.ceil(historyMs / resolutionMs) + 1,
    stepsPerBucket,
  };
}

/** Memory of one series' two rings, a multiple of 8. */
export function ringBytes({ fineBuckets, coarseBuckets }: RingGeometry): number {
  return 8 * (fineBuckets + Math.ceil(coarseBuckets / 2));
}
