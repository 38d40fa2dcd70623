import type { TrackedSeries } from './tracked-series.js';

/** Since when a series comes that this Sentio published when its snapshot was taken, until it is heard again. */
export const BEFORE_RESTART = Number.NEGATIVE_INFINITY;

/** Whether a series has been silent for so long, without a stale marker, that another Sentio may have it. */
export function isElsewhere(
  endedAtMs: number,
  newestSampleMs: number,
  nowMs: number,
  ownershipGraceMs: number,
): boolean {
  return ownershipGraceMs > 0 && Number.isNaN(endedAtMs) && newestSampleMs < nowMs - ownershipGraceMs;
}

/**
 * Whether the round at `evaluationMs` of a series is for this Sentio to publish, where several share the series of one
 * Prometheus; notes in the series since when it comes. To be asked at every round, in order.
 *
 * A series that moves to another shard falls silent at one Sentio when it appears at the next, and neither knows of the
 * other. Time keeps them apart: with its last sample here at a, a series is published here up to a + `ownershipGraceMs`, and the
 * other Sentio, whose first sample is newer, begins after that sample + `ownershipGraceMs`.
 */
export function isOurs(
  series: Pick<TrackedSeries, 'presentSinceMs'>,
  newestSampleMs: number,
  evaluationMs: number,
  ownershipGraceMs: number,
): boolean {
  if (newestSampleMs < evaluationMs - ownershipGraceMs) {
    // After a restart the first round may come before the first sample.
    if (series.presentSinceMs !== BEFORE_RESTART) series.presentSinceMs = Number.NaN;
    return false;
  }
  // The newest stands for the first, which backfill makes older: later is safe.
  if (Number.isNaN(series.presentSinceMs)) series.presentSinceMs = newestSampleMs;
  else if (series.presentSinceMs === BEFORE_RESTART) series.presentSinceMs = 0;
  return evaluationMs > series.presentSinceMs + ownershipGraceMs;
}
