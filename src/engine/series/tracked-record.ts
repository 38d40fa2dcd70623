import { STEP_KINDS } from '../../detect/detector.js';
import { ForecastCombination } from '../../detect/forecast-combination.js';
import type { ProphetSettings } from '../../model/settings.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import { restoreFit, saveFit } from './fit-state.js';
import { restoreLevels, saveLevels } from './level-state.js';
import { BEFORE_RESTART } from './shard-ownership.js';
import { TrackedSeries } from './tracked-series.js';

/** Writes what the engine keeps of a series, but for failures: those are tried again. */
export function saveTracked(series: TrackedSeries, record: RecordWriter): void {
  record.f64(series.incompleteFromMs);
  record.f64(series.lastForecastMs);
  record.f64(series.lastScoreMs);
  record.f64(series.scoredUntilMs);
  record.f64(series.score);
  record.u32(series.published === undefined ? 0 : 1);
  if (series.published !== undefined) {
    const { quantity, horizons } = series.published;
    record.text(quantity);
    record.u32(horizons.length);
    for (const { label, ms } of horizons) {
      record.text(label);
      record.f64(ms);
    }
  }
  for (const state of learntStates(series))
    record.bytes(new Uint8Array(state.buffer, state.byteOffset, state.byteLength));
  saveCombination(series.combination, record);
  for (const { state } of counts(series)) for (const field of state) record.f64(field);
  record.u32(series.eventRate.state.length);
  for (const field of series.eventRate.state) record.f64(field);
  record.f64(series.driftHours);
  saveLevels(series, record);
  record.u32(series.incidents.list.length);
  for (const { fromMs, toMs, side, peakScore, suppressed, kind } of series.incidents.list) {
    for (const field of [fromMs, toMs, side, peakScore, Number(!suppressed), STEP_KINDS.indexOf(kind)])
      record.f64(field);
  }
  saveFit(series, record);
}

/** Reads what `saveTracked` wrote. `prophet` are the present options, which the model may have been made with. */
export function restoreTracked(id: number, record: RecordReader, prophet: ProphetSettings): TrackedSeries {
  const series = new TrackedSeries(id);
  series.incompleteFromMs = record.f64();
  series.lastForecastMs = record.f64();
  series.lastScoreMs = record.f64();
  series.scoredUntilMs = record.f64();
  series.score = record.f64();
  if (record.u32() === 1) {
    const quantity = record.text();
    const horizons = Array.from({ length: record.u32() }, () => ({ label: record.text(), ms: record.f64() }));
    series.published = { quantity, horizons };
    series.presentSinceMs = BEFORE_RESTART;
  }
  for (const state of learntStates(series)) {
    const bytes = record.bytes();
    // Of another layout it is learnt again.
    if (bytes.length === state.byteLength) new Uint8Array(state.buffer, state.byteOffset, bytes.length).set(bytes);
  }
  series.combination = restoreCombination(record);
  for (const each of counts(series)) each.state = each.state.map(() => record.f64());
  series.eventRate.state = Array.from({ length: record.u32() }, () => record.f64());
  series.driftHours = record.f64();
  restoreLevels(series, record);
  series.incidents.list = Array.from({ length: record.u32() }, () => ({
    fromMs: record.f64(),
    toMs: record.f64(),
    side: record.f64(),
    peakScore: record.f64(),
    suppressed: record.f64() === 0,
    kind: STEP_KINDS[record.f64()] ?? 'value',
  }));
  restoreFit(series, record, prophet);
  return series;
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

/** What was learnt of how the series strays from its forecasts. */
function learntStates({ detector, calibration, stillness }: TrackedSeries): (Float32Array | Float64Array)[] {
  return [detector.state, calibration.state, stillness.state];
}

/** And what was counted of it, in a few numbers each. */
function counts({ coverage, excursion, gaps }: TrackedSeries): { state: readonly number[] }[] {
  return [coverage, excursion, gaps];
}
