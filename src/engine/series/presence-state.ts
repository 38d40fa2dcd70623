import type { SeriesStore } from '../../series/series-store.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import { endsAfterMs } from './arrival-state.js';
import type { TrackedSeries } from './tracked-series.js';

/** A series that is silent while it should not be. */
export interface Missing {
  /** `stale`: its sender ended it, as Prometheus does where a target or one of its series goes; `gap`: it fell silent. */
  readonly reason: 'stale' | 'gap';
  /** Time of its last sample. */
  readonly sinceMs: number;
  /** The labels of the series that is published meanwhile. */
  readonly block: Uint8Array;
}

/** Value of `presentSinceMs` after a restart, until the next sample, if the series was being published at the snapshot. */
const BEFORE_RESTART = Number.NEGATIVE_INFINITY;

/**
 * Whether a source has ended: a stale marker came last, or no sample came within PromQL's lookback. A series with late or rare
 * samples has longer. NaN counts as a sample, as in PromQL, and so does what another replica sends.
 */
export function hasEnded(store: SeriesStore, series: TrackedSeries, nowMs: number): boolean {
  const { id } = series;
  return !Number.isNaN(store.endedAtMs(id)) || store.heardOfAnyMs(id) < nowMs - endsAfterMs(store, series);
}

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
 * Takes in the newest sample of a series at an evaluation, and the gap before it. Returns whether a sample has come since
 * the evaluation before.
 */
export function noteNewestSample(series: TrackedSeries, newestSampleMs: number, evaluationMs: number): boolean {
  const { lastSampleMs } = series;
  if (newestSampleMs > lastSampleMs) {
    series.gaps.learn(newestSampleMs - lastSampleMs);
    series.lastSampleMs = newestSampleMs;
    return true;
  }
  // Its first evaluation, perhaps after a time in which nothing was received, or before its first sample.
  if (Number.isNaN(lastSampleMs)) {
    series.lastSampleMs = newestSampleMs > evaluationMs ? newestSampleMs : evaluationMs;
  }
  return false;
}

/**
 * Takes in at an evaluation whether a series comes, and returns whether this Sentio has owned it for long enough to publish
 * it, where several share the series of one Prometheus. To be asked at every evaluation, in order of time.
 *
 * A series that moves to another shard falls silent at one Sentio when it appears at the next, and neither knows of the
 * other. Time keeps them apart: with its last sample here at a, a series is published here up to a + `ownershipGraceMs`,
 * and the other Sentio, whose first sample is newer, begins after that sample + `ownershipGraceMs`.
 */
export function noteOwnership(
  series: Pick<TrackedSeries, 'presentSinceMs'>,
  newestSampleMs: number,
  evaluationMs: number,
  ownershipGraceMs: number,
): boolean {
  if (newestSampleMs < evaluationMs - ownershipGraceMs) {
    // After a restart the first evaluation may come before the first sample.
    if (series.presentSinceMs !== BEFORE_RESTART) series.presentSinceMs = Number.NaN;
    return false;
  }
  // The newest sample is taken for the first, which backfill makes older: later is safe.
  if (Number.isNaN(series.presentSinceMs)) series.presentSinceMs = newestSampleMs;
  else if (series.presentSinceMs === BEFORE_RESTART) series.presentSinceMs = 0;
  return evaluationMs > series.presentSinceMs + ownershipGraceMs;
}

/** Notes that the series was published by the process before this one, which makes it ours at once. */
export function noteOwnedBefore(series: Pick<TrackedSeries, 'presentSinceMs'>): void {
  series.presentSinceMs = BEFORE_RESTART;
}

export function beginMissing(series: TrackedSeries, missing: Missing): void {
  series.missing = missing;
}

/** Returns when it was published last, and notes that it is published again at `evaluationMs`. */
export function noteMissingPublished(series: TrackedSeries, evaluationMs: number): void {
  series.lastMissingMs = evaluationMs;
}

/** Returns the timestamp at which what was published of its silence ends: now, but after all of it. */
export function endMissing(series: TrackedSeries, nowMs: number): number {
  series.missing = undefined;
  series.lastMissingMs = Math.max(nowMs, series.lastMissingMs + 1);
  return series.lastMissingMs;
}

/** For a new series under the labels of another one. */
export function inheritPresence(series: TrackedSeries, before: TrackedSeries): void {
  series.presentSinceMs = before.presentSinceMs;
  series.lastSampleMs = before.lastSampleMs;
  series.gaps.state = before.gaps.state;
  series.lastMissingMs = before.lastMissingMs;
}

/** Whether it is missing is not written: after a restart a series is silent from its first evaluation on. */
export function savePresence({ gaps, published }: TrackedSeries, record: RecordWriter): void {
  record.u32(published === undefined ? 0 : 1);
  for (const field of gaps.state) record.f64(field);
}

/** Reads what `savePresence` wrote. */
export function restorePresence(series: TrackedSeries, record: RecordReader): void {
  if (record.u32() === 1) noteOwnedBefore(series);
  series.gaps.state = series.gaps.state.map(() => record.f64());
}
