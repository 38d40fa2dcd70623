import type { Samples } from '../../model/samples/columns.js';
import { inverse, type LevelShift } from '../../model/samples/level-shift.js';
import type { Components } from './evaluate.js';
import { FittedModel, Header } from './fitted-model.js';

/*
 * Prophet's changepoints are in the first 80 % of the history, because a rate that changed yesterday says little about
 * tomorrow. So it takes days to learn a level that changed this morning. Where it is known when and by how much the
 * level changed, the history before is moved to the present level instead: the seasons are kept, and the trend has no
 * jump to fit.
 */

/** The samples as they would have been at the present level, without those that say nothing about it. `changes` in order of time; the samples are not altered. */
export function moveHistory(samples: Samples, changes: readonly LevelShift[] = []): Samples {
  if (changes.length === 0) return samples;
  const { timesMs } = samples;
  const values = samples.values.slice();
  let from = 0;
  for (const { atMs, factor, offset, resetsHistory } of changes) {
    for (let i = from; i < timesMs.length && timesMs[i]! < atMs; i++) {
      values[i] = factor * values[i]! + offset;
      if (resetsHistory) from = i + 1;
    }
  }
  return { timesMs: timesMs.subarray(from), values: values.subarray(from) };
}

/** The model of a series whose level has changed: valid until the next fit. */
export function moveModel(model: FittedModel, { factor, offset }: LevelShift): FittedModel {
  const data = model.data.slice();
  data[Header.yScale]! *= factor;
  data[Header.floor] = factor * data[Header.floor]! + offset;
  return new FittedModel(data);
}

/**
 * Moves columns of a forecast, in place, to the levels that were expected at their times: a model expects the present
 * level at all times, but the past was judged by the level of that time.
 */
export function toFormerLevels(
  timesMs: Float64Array,
  columns: readonly Float64Array[],
  changes: readonly LevelShift[],
): void {
  for (const change of changes.toReversed()) {
    const { factor, offset } = inverse(change);
    for (let i = 0; i < timesMs.length && timesMs[i]! < change.atMs; i++) {
      for (const column of columns) column[i] = factor * column[i]! + offset;
    }
  }
}

/**
 * The same for [yhat, lower, upper] at one instant, in place and without allocation. Returns the factor by which
 * distances at the level of that time exceed those at the present one.
 */
export function toFormerLevelAt(timeMs: number, interval: Float64Array, changes: readonly LevelShift[]): number {
  let width = 1;
  for (let i = changes.length - 1; i >= 0; i--) {
    if (timeMs >= changes[i]!.atMs) continue;
    const { factor, offset } = inverse(changes[i]!);
    for (let edge = 0; edge < 3; edge++) interval[edge] = factor * interval[edge]! + offset;
    width *= factor;
  }
  return width;
}

/** The same for the parts of a forecast: the trend is moved, and the seasons are scaled with it. */
export function partsToFormerLevels(
  timesMs: Float64Array,
  { trend, seasonalities }: Components,
  changes: readonly LevelShift[],
): void {
  toFormerLevels(timesMs, [trend], changes);
  const swings = changes.map((change) => ({ ...change, offset: 0 }));
  toFormerLevels(
    timesMs,
    seasonalities.map(({ values }) => values),
    swings,
  );
}
