import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import type { TrackedSeries } from './tracked-series.js';

/** Notes that samples from `fromMs` on may be missing and are still to be read; −Infinity: all of the past is. */
export function noteIncomplete(series: TrackedSeries, fromMs: number): void {
  series.incompleteFromMs = Math.min(series.incompleteFromMs, fromMs);
}

/** Notes that a gap was read, or given up; what is left to be read begins at `leftFromMs`, Infinity where nothing is. */
export function noteComplete(series: TrackedSeries, leftFromMs: number): void {
  series.incompleteFromMs = leftFromMs;
}

export function saveHistory({ incompleteFromMs }: TrackedSeries, record: RecordWriter): void {
  record.f64(incompleteFromMs);
}

/** Reads what `saveHistory` wrote. */
export function restoreHistory(series: TrackedSeries, record: RecordReader): void {
  series.incompleteFromMs = record.f64();
}
