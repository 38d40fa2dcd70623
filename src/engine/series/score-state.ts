import { combinationLayout } from '../../detect/ahead/combination-layout.js';
import { ForecastCombination } from '../../detect/ahead/forecast-combination.js';
import { STEP_KINDS } from '../../detect/score/detector.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import type { TrackedSeries } from './tracked-series.js';

/** Notes that all steps up to this one are scored: none is scored twice. `isByModel`: not by limits alone. */
export function noteScoredUntil(series: TrackedSeries, stepEndMs: number, isByModel: boolean): void {
  series.scoredUntilMs = stepEndMs;
  if (isByModel) series.hasJudged = true;
}

export function noteScore(series: TrackedSeries, score: number): void {
  series.score = score;
}

/** For a series that is no longer published: its next score follows none. */
export function forgetScore(series: TrackedSeries): void {
  series.score = Number.NaN;
}

/** How far the step scored last was from yhat, in σ; NaN where that says nothing of what is expected now. */
export function noteDeviation(series: TrackedSeries, deviation: number): void {
  series.deviation = deviation;
}

/** Keeps all that a series has learnt of its steps; the function that is returned brings it back. */
export function keepLearnt(series: TrackedSeries): () => void {
  const learnt = series.learnt.slice();
  const states = [...counts(series), ...events(series)].map((each) => ({ each, state: each.state }));
  const { deviation, driftHours } = series;
  return () => {
    series.learnt.set(learnt);
    for (const { each, state } of states) each.state = state;
    series.deviation = deviation;
    series.driftHours = driftHours;
  };
}

/** Counts, once an hour, the hours in a row in which the series was drifting. */
export function countDriftHour(series: TrackedSeries, isDrifting: boolean): void {
  series.driftHours = isDrifting ? series.driftHours + 1 : 0;
}

/** What the series has learnt of its forecasts by lead time; made, or adapted to other settings, when it is asked for. */
export function combinationOf(store: SeriesStore, series: TrackedSeries): ForecastCombination {
  const layout = combinationLayout(store.settings(series.id));
  if (series.combination?.layout !== layout) series.combination = new ForecastCombination(layout, series.combination);
  return series.combination;
}

export function forgetCombination(series: TrackedSeries): void {
  series.combination = undefined;
}

/** Writes what was scored last, and everything that was learnt of how the series strays from its forecasts. */
export function saveScores(series: TrackedSeries, record: RecordWriter): void {
  record.f64(series.scoredUntilMs);
  record.f64(series.score);
  record.f64(series.driftHours);
  const { buffer, byteOffset, byteLength } = series.learnt;
  record.bytes(new Uint8Array(buffer, byteOffset, byteLength));
  for (const { state } of counts(series)) for (const field of state) record.f64(field);
  for (const { state } of events(series)) {
    record.u32(state.length);
    for (const field of state) record.f64(field);
  }
  saveCombination(series.combination, record);
  saveAlarms(series, record);
}

/** Reads what `saveScores` wrote. States of another layout are learnt again. */
export function restoreScores(series: TrackedSeries, record: RecordReader): void {
  series.scoredUntilMs = record.f64();
  series.score = record.f64();
  series.driftHours = record.f64();
  series.hasJudged = series.scoredUntilMs > Number.NEGATIVE_INFINITY;
  const { buffer, byteOffset, byteLength } = series.learnt;
  const bytes = record.bytes();
  if (bytes.length === byteLength) new Uint8Array(buffer, byteOffset, byteLength).set(bytes);
  for (const each of counts(series)) each.state = each.state.map(() => record.f64());
  for (const each of events(series)) each.state = Array.from({ length: record.u32() }, () => record.f64());
  series.combination = restoreCombination(record);
  restoreAlarms(series, record);
}

function counts({ coverage, excursion }: TrackedSeries): readonly { state: readonly number[] }[] {
  return [coverage, excursion];
}

/** What has happened to a series that mostly rests. */
function events({ eventRate, busy }: TrackedSeries): readonly { state: readonly number[] }[] {
  return [eventRate, busy];
}

function saveCombination(combination: ForecastCombination | undefined, record: RecordWriter): void {
  record.f64(combination?.layout.stepMs ?? 0);
  const anchors = combination?.layout.anchors ?? [];
  record.u32(anchors.length);
  for (const anchor of anchors) {
    for (const field of [anchor.leadMs, anchor.leadSteps, anchor.everySteps, anchor.pending]) record.f64(field);
  }
  const state = combination?.state ?? new Float32Array();
  record.bytes(new Uint8Array(state.buffer, state.byteOffset, state.byteLength));
}

/** In the layout it was saved in: it takes on that of the present settings when it is used. */
function restoreCombination(record: RecordReader): ForecastCombination | undefined {
  const stepMs = record.f64();
  const anchors = Array.from({ length: record.u32() }, () => ({
    leadMs: record.f64(),
    leadSteps: record.f64(),
    everySteps: record.f64(),
    pending: record.f64(),
  }));
  const bytes = record.bytes();
  if (anchors.length === 0) return undefined;
  const combination = new ForecastCombination({ stepMs, anchors });
  const { state } = combination;
  if (bytes.length !== state.byteLength) return undefined;
  new Uint8Array(state.buffer).set(bytes);
  return combination;
}

function saveAlarms({ alarms }: TrackedSeries, record: RecordWriter): void {
  record.u32(alarms.list.length);
  for (const { fromMs, toMs, side, peakScore, suppressed, kind } of alarms.list) {
    for (const field of [fromMs, toMs, side, peakScore, Number(suppressed), STEP_KINDS.indexOf(kind)])
      record.f64(field);
  }
}

function restoreAlarms({ alarms }: TrackedSeries, record: RecordReader): void {
  alarms.list = Array.from({ length: record.u32() }, () => ({
    fromMs: record.f64(),
    toMs: record.f64(),
    side: record.f64(),
    peakScore: record.f64(),
    suppressed: record.f64() === 1,
    kind: STEP_KINDS[record.f64()] ?? 'value',
  }));
}
