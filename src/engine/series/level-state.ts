import { CALIBRATION_LENGTH, IntervalCalibration } from '../../detect/interval/interval-calibration.js';
import { DETECTOR_LENGTH } from '../../detect/score/detector-layout.js';
import { type FittedModel, readModel } from '../../forecast/model/fitted-model.js';
import { moveModel } from '../../forecast/model/move-level.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import type { TimeSpan } from '../../model/samples/ring-view.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import { replaceModel, requestRefit } from './fit-state.js';
import { forgetCombination, noteDeviation } from './score-state.js';
import type { TrackedSeries } from './tracked-series.js';

/*
 * A level shift is two hypotheses: that the series is what it was before, and that it is what it became. Once the new level
 * is accepted, both live side by side for a week, each with its own model and with what was learnt of how the series strays
 * from that. One of them holds: it is what is expected. A step that it does not explain and the other does swaps them. What
 * came while the other one held says nothing about this one, and is excluded from its fits. So whichever of the two turns out
 * right, it goes on as if the other had never been.
 */

/** The hypothesis that does not hold. */
interface Hypothesis {
  readonly model: FittedModel;
  readonly levelShifts: readonly LevelShift[];
  readonly excludedSpans: readonly TimeSpan[];
  /** What the detector and the calibration had learnt. */
  readonly learnt: Float32Array;
  /** The calibration's part of it. */
  readonly calibration: IntervalCalibration;
  readonly stepVariance: number;
  /** When the series went away from it. */
  readonly leftAtMs: number;
}

/** A level shift that may still be reverted. */
export interface OpenShift {
  /** When the series left its level, and when the new one was accepted. */
  readonly atMs: number;
  readonly acceptedAtMs: number;
  /** Which of the two levels is expected now, and since when. */
  readonly holds: 'before' | 'after';
  readonly sinceMs: number;
  /** The highest score of the alarm that was accepted as a level; 1 where there was none. */
  readonly peakScore: number;
  /** For the other hypothesis, of the last steps; 0 while there is none. Not kept over a restart. */
  readonly evidence: number;
  readonly other: Hypothesis;
}

/** The level from before is remembered for this long; a series that goes back later takes a new level. */
const OPEN_MS = 7 * 86_400_000;
/** A second shift within this time is measured from the level before the first. */
const ESTABLISHED_MS = 86_400_000;
/** Spans excluded from fits; older ones are usually outside of what a fit sees. */
const MAX_SPANS = 16;
/** σ over the median distance from the median, of a normal distribution. */
const SIGMA_OF_MEDIAN = 1.4826;
/** Level shifts that are remembered; older ones are left to Prophet. */
const MAX_CHANGES = 8;

/**
 * Accepts the level that a series took at `change.atMs`: it is expected from now on, and the one from before becomes the other
 * hypothesis. `scatter` is the median distance of steps from the new level, `peakScore` how high they scored. Asks for a refit.
 */
export function acceptLevel(
  store: SeriesStore,
  series: TrackedSeries,
  change: LevelShift,
  scatter: number,
  nowMs: number,
  peakScore = 1,
): void {
  const { historyMs } = store.settings(series.id);
  const { openShift } = series;
  const isSecond = openShift?.holds === 'after' && nowMs - openShift.sinceMs < ESTABLISHED_MS;
  const former = { ...present(store, series, change.atMs), model: series.modelBefore ?? series.model! };
  const before = isSecond ? openShift.other : former;
  series.openShift = {
    atMs: isSecond ? openShift.atMs : change.atMs,
    acceptedAtMs: nowMs,
    holds: 'after',
    sinceMs: nowMs,
    peakScore: isSecond ? Math.max(openShift.peakScore, peakScore) : peakScore,
    evidence: 0,
    other: before,
  };
  const known = series.levelShifts.filter(({ atMs }) => atMs > nowMs - historyMs);
  series.levelShifts = [...known, change].slice(-MAX_CHANGES);
  series.levelAcceptedAtMs = nowMs;
  const noiseBefore = noiseOf(store, series);
  const model = moveModel(series.model!, change);
  replaceModel(series, model);
  // What a series was like before it became another kind of series says nothing about what it is like now.
  if (change.resetsHistory) {
    series.learnt.fill(0);
    forgetCombination(series);
  }
  // If it scatters more there than the moved model says, the interval has to be wider until a fit has seen that.
  const variance = (SIGMA_OF_MEDIAN * scatter) ** 2;
  const moved = change.factor ** 2 * store.stepVariance(series.id);
  const more = Math.max(0, variance - model.sigma ** 2);
  store.setStepVariance(series.id, change.resetsHistory ? variance : moved + more);
  // How still it is at another level is another matter.
  series.stillness.state.fill(0);
  settleAt(series, noiseOf(store, series) / noiseBefore, 0);
}

/** σ of a step. */
function noiseOf(store: SeriesStore, { id, model }: TrackedSeries): number {
  return Math.sqrt(model!.sigma ** 2 + store.stepVariance(id));
}

/** Swaps the two hypotheses: from `atMs` on the series is what the other one says. Asks for a refit. */
export function swapHypotheses(store: SeriesStore, series: TrackedSeries, atMs: number, nowMs: number): void {
  const { other, holds, ...shift } = series.openShift!;
  const left = present(store, series, atMs);
  replaceModel(series, other.model);
  series.levelShifts = other.levelShifts;
  series.excludedSpans = other.excludedSpans;
  excludeFromFits(series, { fromMs: other.leftAtMs, toMs: atMs });
  series.learnt.set(other.learnt);
  store.setStepVariance(series.id, other.stepVariance);
  // Some of its steps were at the other level.
  store.skipStepVariance(series.id, atMs);
  series.openShift = {
    ...shift,
    holds: holds === 'after' ? 'before' : 'after',
    sinceMs: nowMs,
    evidence: 0,
    other: left,
  };
  series.levelAcceptedAtMs = holds === 'after' ? Number.NaN : nowMs;
  // A model from before may be off by as much as the series has drifted since.
  settleAt(series, 1, Number.NaN);
}

/** Notes how much speaks for the other hypothesis. */
export function noteEvidence(series: TrackedSeries, evidence: number): void {
  if (series.openShift!.evidence !== evidence) series.openShift = { ...series.openShift!, evidence };
}

/** Notes that a span of time says nothing of what is usual. */
export function excludeFromFits(series: TrackedSeries, span: TimeSpan): void {
  series.excludedSpans = [...series.excludedSpans, span].slice(-MAX_SPANS);
}

/** Drops the other hypothesis where the present one has held for long enough; `confirmMs`: as long as a level takes to be accepted. */
export function decideShift(series: TrackedSeries, nowMs: number, confirmMs: number): void {
  const { openShift } = series;
  if (openShift === undefined) return;
  const neededMs = openShift.holds === 'after' ? OPEN_MS : confirmMs;
  if (nowMs - openShift.sinceMs >= neededMs) series.openShift = undefined;
}

/** The present hypothesis, in the form in which the other one is kept. */
function present(store: SeriesStore, series: TrackedSeries, leftAtMs: number): Hypothesis {
  const learnt = series.learnt.slice();
  return {
    model: series.model!,
    levelShifts: series.levelShifts,
    excludedSpans: series.excludedSpans,
    learnt,
    calibration: new IntervalCalibration(learnt.subarray(DETECTOR_LENGTH, DETECTOR_LENGTH + CALIBRATION_LENGTH)),
    stepVariance: store.stepVariance(series.id),
    leftAtMs,
  };
}

/** The series is where it is expected: deviations so far were from another level. Fits have to follow. */
function settleAt(series: TrackedSeries, scale: number, offSigmas: number): void {
  series.excursion.end();
  noteDeviation(series, Number.NaN);
  series.detector.levelMoved(Number.isFinite(scale) ? scale : 1, offSigmas);
  requestRefit(series);
}

/** Writes what is known of the levels of a series. */
export function saveLevels(series: TrackedSeries, record: RecordWriter): void {
  const { openShift } = series;
  record.f64(series.levelAcceptedAtMs);
  saveChanges(series.levelShifts, record);
  saveSpans(series.excludedSpans, record);
  record.u32(openShift === undefined ? 0 : 1);
  if (openShift === undefined) return;
  const { atMs, acceptedAtMs, holds, sinceMs, peakScore, other } = openShift;
  // Which of them holds is the sign.
  for (const field of [atMs, acceptedAtMs, sinceMs, holds === 'after' ? peakScore : -peakScore]) record.f64(field);
  record.f64(other.leftAtMs);
  record.f64(other.stepVariance);
  record.bytes(bytesOf(other.model.data));
  record.bytes(bytesOf(other.learnt));
  saveChanges(other.levelShifts, record);
  saveSpans(other.excludedSpans, record);
}

/** Reads what `saveLevels` wrote. The other hypothesis is dropped if another version wrote it in another layout. */
export function restoreLevels(series: TrackedSeries, record: RecordReader): void {
  series.levelAcceptedAtMs = record.f64();
  series.levelShifts = restoreChanges(record);
  series.excludedSpans = restoreSpans(record);
  if (record.u32() === 0) return;
  const shift = { atMs: record.f64(), acceptedAtMs: record.f64(), sinceMs: record.f64() };
  const signedPeak = record.f64();
  const holds = signedPeak > 0 ? 'after' : 'before';
  // Versions that did not keep it wrote 1 or 0.
  const peakScore = Math.max(1, Math.abs(signedPeak));
  const leftAtMs = record.f64();
  const stepVariance = record.f64();
  const model = readModel(record.bytes());
  const learntBytes = record.bytes();
  const learnt = new Float32Array(series.learnt.length);
  const levelShifts = restoreChanges(record);
  const excludedSpans = restoreSpans(record);
  if (model === undefined || learntBytes.length !== learnt.byteLength) return;
  bytesOf(learnt).set(learntBytes);
  const calibration = new IntervalCalibration(learnt.subarray(DETECTOR_LENGTH, DETECTOR_LENGTH + CALIBRATION_LENGTH));
  const other = { model, levelShifts, excludedSpans, learnt, calibration, stepVariance, leftAtMs };
  series.openShift = { ...shift, holds, peakScore, evidence: 0, other };
}

function saveChanges(changes: readonly LevelShift[], record: RecordWriter): void {
  record.u32(changes.length);
  for (const { atMs, factor, offset, resetsHistory } of changes) {
    for (const field of [atMs, factor, offset, Number(resetsHistory)]) record.f64(field);
  }
}

function restoreChanges(record: RecordReader): LevelShift[] {
  return Array.from({ length: record.u32() }, () => ({
    atMs: record.f64(),
    factor: record.f64(),
    offset: record.f64(),
    resetsHistory: record.f64() === 1,
  }));
}

function saveSpans(spans: readonly TimeSpan[], record: RecordWriter): void {
  record.u32(spans.length);
  for (const { fromMs, toMs } of spans) {
    record.f64(fromMs);
    record.f64(toMs);
  }
}

function restoreSpans(record: RecordReader): TimeSpan[] {
  return Array.from({ length: record.u32() }, () => ({ fromMs: record.f64(), toMs: record.f64() }));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
