import { LOOKBACK_MS } from '../../model/samples/staleness.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import type { TrackedSeries } from './tracked-series.js';

/*
 * How late the samples of a series come, learnt from its evaluations in whole steps: a step that gets its first sample in
 * time for the evaluation at its end is 0 late. Two bounds of the last arrivals are kept: the least lateness, of the newest
 * step that came each time, says how long a step takes to fill; the greatest, of the oldest, how long one that is empty may
 * still be filled, as those of an agent that sends a batch every few minutes.
 */

/** What comes later than this is not waited for: databases refuse scores that are much older. */
export const MAX_LATENESS_MS = 3_600_000;
/**
 * The bounds move by this share towards an arrival within them: the least lateness slowly; the greatest very slowly, because
 * jitter seldom reaches its worst, but soon where it is far above so many arrivals in a row, because one backlog after an
 * outage is no habit.
 */
const RELAX_EARLIEST = 1 / 16;
const RELAX_JITTER = 1 / 64;
const RELAX_BACKLOG = 1 / 4;
const PROMPT_AFTER_BACKLOG = 8;
/** A sample is overdue after this many times the usual time between two. */
const OVERDUE = 1.5;
/** Samples are rare where fewer than one comes in this many steps. */
const SPARSE = 1.75;

/** What an evaluation has to know of how a series comes, in ms where not said otherwise. */
export interface Arrival {
  /** Time of the newest sample of whatever value; NaN before the first. */
  readonly heardMs: number;
  /** How many steps after its end a step that has a value is taken for complete, unless a later sample has come. */
  readonly settleSteps: number;
  /** How many steps after its end a step without a value is taken for a gap, unless a later sample has come. */
  readonly patienceSteps: number;
  /** How old the newest sample may be before the next one is overdue. */
  readonly dueAfterMs: number;
}

export function arrivalOf(store: SeriesStore, { id, latestSteps, earliestSteps }: TrackedSeries): Arrival {
  const { stepMs } = store.settings(id);
  const intervalMs = store.sampleIntervalMs(id);
  const heardMs = store.heardMs(id);
  // A single sample shows nothing.
  if (Number.isNaN(intervalMs)) return { heardMs, settleSteps: 0, patienceSteps: 0, dueAfterMs: 0 };
  const dueAfterMs = OVERDUE * intervalMs + Math.min(Math.round(latestSteps), maxSteps(stepMs)) * stepMs;
  return {
    heardMs,
    // Where samples are always late, a step is seldom complete when its first one comes.
    settleSteps: earliestSteps < 0.5 ? 0 : Math.round(earliestSteps) + 1,
    patienceSteps: Math.ceil(dueAfterMs / stepMs) + 1,
    dueAfterMs,
  };
}

/** How late the samples of a series usually come, in ms. */
export function latenessMs(store: SeriesStore, { id, latestSteps }: TrackedSeries): number {
  const { stepMs } = store.settings(id);
  return Math.min(Math.round(latestSteps), maxSteps(stepMs)) * stepMs;
}

/** How old the newest sample of a series may be before it has ended: PromQL's lookback, or until the next one is overdue. */
export function endsAfterMs(store: SeriesStore, series: TrackedSeries): number {
  const intervalMs = store.sampleIntervalMs(series.id);
  const usualMs = intervalMs > 0 ? OVERDUE * intervalMs : 0;
  return Math.max(LOOKBACK_MS, usualMs) + latenessMs(store, series);
}

/** Whether the samples of a series come after the evaluation of their step, all of them. */
export function isLate({ earliestSteps }: TrackedSeries): boolean {
  return earliestSteps >= 0.5;
}

/** Whether they come too late to be waited for. */
export function isTooLate(store: SeriesStore, series: TrackedSeries): boolean {
  return isLate(series) && series.latestSteps > maxSteps(store.settings(series.id).stepMs);
}

/** The time between two samples where they are rarer than steps; undefined where they are not. */
export function sparseIntervalMs(store: SeriesStore, { id }: TrackedSeries): number | undefined {
  const intervalMs = store.sampleIntervalMs(id);
  return intervalMs >= SPARSE * store.settings(id).stepMs ? intervalMs : undefined;
}

/**
 * Learns from an evaluation how late what came since the one before is. To be called at every evaluation, in order of time.
 * Returns whether anything came.
 */
export function noteArrival(store: SeriesStore, series: TrackedSeries, evaluationMs: number): boolean {
  const { id, arrivedUntilMs } = series;
  const heardMs = store.heardMs(id);
  if (Number.isNaN(heardMs) || heardMs <= arrivedUntilMs) return false;
  const { stepMs } = store.settings(id);
  const newest = Math.floor(heardMs / stepMs);
  const oldest = Number.isNaN(arrivedUntilMs) ? newest : Math.floor(arrivedUntilMs / stepMs) + 1;
  let first = Math.min(oldest, newest);
  while (first < newest && Number.isNaN(store.stepValue(id, first * stepMs))) first++;
  const closing = Math.floor(evaluationMs / stepMs) - 1;
  // One more than is waited for is too late.
  const lateness = (step: number) => Math.min(Math.max(0, closing - step), maxSteps(stepMs) + 1);
  // Some of the samples may come minutes after others, which says how long what comes last may be silent.
  const latest = Math.max(lateness(first), lateness(Math.floor(store.takeOvertakenMs(id) / stepMs)));
  const earliest = lateness(newest);
  series.arrivedUntilMs = heardMs;
  series.promptArrivals = series.latestSteps > 2 * latest + 1 ? series.promptArrivals + 1 : 0;
  const relax = series.promptArrivals > PROMPT_AFTER_BACKLOG ? RELAX_BACKLOG : RELAX_JITTER;
  series.latestSteps = Math.max(latest, series.latestSteps + (latest - series.latestSteps) * relax);
  series.earliestSteps = Math.min(earliest, series.earliestSteps + (earliest - series.earliestSteps) * RELAX_EARLIEST);
  return true;
}

function maxSteps(stepMs: number): number {
  return Math.floor(MAX_LATENESS_MS / stepMs);
}

/** For a series that was there before this process: when its samples came is not known. */
export function skipArrivals(store: SeriesStore, series: TrackedSeries): void {
  series.arrivedUntilMs = store.heardMs(series.id);
}

/** For a new series under the labels of another one, whose samples come by the same way. */
export function inheritArrival(series: TrackedSeries, before: TrackedSeries): void {
  series.arrivedUntilMs = before.arrivedUntilMs;
  series.latestSteps = before.latestSteps;
  series.earliestSteps = before.earliestSteps;
  series.promptArrivals = before.promptArrivals;
}

export function saveArrival({ arrivedUntilMs, latestSteps, earliestSteps }: TrackedSeries, record: RecordWriter): void {
  record.f64(arrivedUntilMs);
  record.f64(latestSteps);
  record.f64(earliestSteps);
}

/** Reads what `saveArrival` wrote. */
export function restoreArrival(series: TrackedSeries, record: RecordReader): void {
  series.arrivedUntilMs = record.f64();
  series.latestSteps = record.f64();
  series.earliestSteps = record.f64();
}
