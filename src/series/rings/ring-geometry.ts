import type { SeriesSettings } from '../../model/settings.js';

const STEPS_SPAN_MS = 4 * 3_600_000;
const MIN_STEPS = 64;

/** Sizes of one series' two rings, in slots. They lie side by side: the steps as Float64, then the history as Float32. */
export interface RingGeometry {
  /** Fine tier: one slot per step. */
  readonly steps: number;
  /** Coarse tier: one slot per resolution. */
  readonly history: number;
  /** Steps within one slot of the history. */
  readonly stepsPerSlot: number;
}

/**
 * The steps reach back 4 hours, and at least 64 steps and two history slots (so that a history slot can be derived from
 * its steps until it is closed, and after). The history has one slot more than fits, so that its first and last values
 * lie `historyMs` apart even while the last slot is open: Prophet turns weekly seasonality on at 14 days.
 */
export function ringGeometry(settings: SeriesSettings): RingGeometry {
  const { stepMs, resolutionMs, historyMs } = settings;
  const stepsPerSlot = resolutionMs / stepMs;
  if (!(Number.isInteger(stepsPerSlot) && stepsPerSlot >= 1)) {
    throw new RangeError(
      `Cannot size a ring: resolution must be a multiple of step ${stepMs} ms, got ${resolutionMs} ms`,
    );
  }
  return {
    steps: Math.max(Math.ceil(STEPS_SPAN_MS / stepMs), MIN_STEPS, 2 * stepsPerSlot),
    history: Math.ceil(historyMs / resolutionMs) + 1,
    stepsPerSlot,
  };
}

/** Memory of one series' two rings, a multiple of 8. */
export function ringBytes({ steps, history }: RingGeometry): number {
  return 8 * (steps + Math.ceil(history / 2));
}
