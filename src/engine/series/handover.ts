import type { WatchedSeries } from './watched-series.js';

/** Since when a series comes that this Sentio published when its snapshot was taken, until it is heard again. */
export const BEFORE_RESTART = Number.NEGATIVE_INFINITY;

/** Whether a series has been silent for so long, without a stale marker, that another Sentio may have it. */
export function isElsewhere(endedAtMs: number, newestSampleMs: number, nowMs: number, handoverMs: number): boolean {
  return handoverMs > 0 && Number.isNaN(endedAtMs) && newestSampleMs < nowMs - handoverMs;
}

/**
 * Whether the round at `boundaryMs` of a series is for this Sentio to publish, where several share the series of one
 * Prometheus; notes in the series since when it comes. To be asked at every round, in order.
 *
 * A series that moves to another shard falls silent at one Sentio when it appears at the next, and neither knows of the
 * other. Time keeps them apart: with its last sample here at a, a series is published here up to a + `handoverMs`, and the
 * other Sentio, whose first sample is newer, begins after that sample + `handoverMs`.
 */
export function isOurs(
  series: Pick<WatchedSeries, 'heardSinceMs'>,
  newestSampleMs: number,
  boundaryMs: number,
  handoverMs: number,
): boolean {
  if (newestSampleMs < boundaryMs - handoverMs) {
    // After a restart the first round may come before the first sample.
    if (series.heardSinceMs !== BEFORE_RESTART) series.heardSinceMs = Number.NaN;
    return false;
  }
  // The newest stands for the first, which backfill makes older: later is safe.
  if (Number.isNaN(series.heardSinceMs)) series.heardSinceMs = newestSampleMs;
  else if (series.heardSinceMs === BEFORE_RESTART) series.heardSinceMs = 0;
  return boundaryMs > series.heardSinceMs + handoverMs;
}
