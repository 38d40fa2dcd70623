import { levelWindowMs } from '../../detect/excursion.js';
import { moveModel } from '../../forecast/model/move-level.js';
import { inverse, type LevelShift } from '../../model/level-shift.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { changeOfLevel, isNews } from './level-shift-detection.js';

/** What became of the level that is expected of a series. */
export interface LevelShiftEvent {
  /** `returned`: the series is back at the level from before the last change, which is undone. */
  readonly kind: 'accepted' | 'reverted';
  /** End of the step that decided it. */
  readonly timeMs: number;
  /** What was expected and what is now, at the same instant. */
  readonly from: number;
  readonly to: number;
}

/** For so long after a change a return is the end of a long incident, and nothing to be told. */
const FORMER_LEVEL_MS = 86_400_000;
/** A step within so many intervals of the former level is back there, whatever its noise. */
const SAME_LEVEL_BANDS = 2;
/** Changes that are remembered; older ones are left to Prophet. */
const MAX_CHANGES = 8;
/** Of a younger series it is not known what a day is like: its levels are those of the time of day. */
const MIN_HISTORY_MS = 2 * 86_400_000;

/**
 * Makes a level that a series has taken for good what is expected of it: the model moves there at once, and the history
 * before the change with every fit from now on. Where the series goes back within a day, the change is undone.
 */
export class LevelShiftTracker {
  readonly #store: SeriesStore;

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /** Takes in a step that was just scored, and the [yhat, lower, upper] it was scored with. */
  follow(series: TrackedSeries, stepEndMs: number, value: number, interval: Float64Array): LevelShiftEvent | undefined {
    const { stepMs, acceptAfterMs } = this.#store.settings(series.id);
    if (Number.isNaN(value)) return undefined;
    const yhat = interval[0]!;
    const former = formerLevel(series, stepEndMs, yhat);
    const side = nearerTo(former, value, yhat) ? Math.sign(former - yhat) : sideOf(value, interval, series.score);
    if (!series.excursion.next(side, stepMs, acceptAfterMs)) return undefined;
    if (stepEndMs - this.#store.firstSampleMs(series.id) < MIN_HISTORY_MS) return undefined;
    const windowMs = levelWindowMs(stepMs, acceptAfterMs);
    const change = changeOfLevel(this.#store, series, stepEndMs, windowMs);
    const to = change && change.factor * yhat + change.offset;
    if (to === undefined || (to - yhat) * (value - yhat) <= 0) return undefined;
    if (nearerTo(former, to, yhat)) return undo(series, stepEndMs, yhat);
    if (!isNews(this.#store, series, stepEndMs, windowMs, to - yhat)) return undefined;
    return this.#accept(series, change!, stepEndMs, yhat);
  }

  /**
   * Undoes the last change if a step is off, but not by what was expected before it. `interval` is [yhat, lower, upper] of the
   * step, which has not been scored yet.
   */
  tryRevert(
    series: TrackedSeries,
    stepEndMs: number,
    value: number,
    interval: Float64Array,
  ): LevelShiftEvent | undefined {
    const [yhat, lower, upper] = interval as unknown as readonly [number, number, number];
    const former = formerLevel(series, stepEndMs, yhat);
    if (Number.isNaN(former) || !(value < lower || value > upper)) return undefined;
    const { factor } = inverse(series.levelShifts.at(-1)!);
    const formerLower = former - SAME_LEVEL_BANDS * factor * (yhat - lower);
    const formerUpper = former + SAME_LEVEL_BANDS * factor * (upper - yhat);
    // Where the two intervals meet there is no telling one level from the other by a step.
    const areApart = formerLower > upper || formerUpper < lower;
    if (!areApart || value < formerLower || value > formerUpper) return undefined;
    return undo(series, stepEndMs, yhat);
  }

  #accept(series: TrackedSeries, change: LevelShift, stepEndMs: number, yhat: number): LevelShiftEvent {
    const { historyMs } = this.#store.settings(series.id);
    const known = series.levelShifts.filter(({ atMs }) => atMs > stepEndMs - historyMs);
    series.levelShifts = [...known, change].slice(-MAX_CHANGES);
    // It was none, but how things are now.
    series.incidents.list = series.incidents.list.filter(({ toMs }) => toMs <= change.atMs);
    series.levelAcceptedAtMs = stepEndMs;
    series.formerLevelUntilMs = change.resetsHistory ? Number.NEGATIVE_INFINITY : stepEndMs + FORMER_LEVEL_MS;
    move(series, change);
    // What it was like says nothing of what it is like.
    if (change.resetsHistory) {
      for (const { state } of [series.detector, series.calibration]) state.fill(0);
      series.combination = undefined;
    }
    return { kind: 'accepted', timeMs: stepEndMs, from: yhat, to: change.factor * yhat + change.offset };
  }
}

/** On which side a step is off, if it is: beyond the interval, or in alarm. */
function sideOf(value: number, interval: Float64Array, score: number): number {
  if (value > interval[2]! || (score > 1 && value > interval[0]!)) return 1;
  return value < interval[1]! || (score > 1 && value < interval[0]!) ? -1 : 0;
}

/** What would be expected but for the last change, while a return to it may be one; else NaN. */
function formerLevel({ levelShifts, formerLevelUntilMs }: TrackedSeries, timeMs: number, yhat: number): number {
  const change = levelShifts.at(-1);
  if (change === undefined || timeMs >= formerLevelUntilMs) return Number.NaN;
  const back = inverse(change);
  return back.factor * yhat + back.offset;
}

function nearerTo(former: number, value: number, yhat: number): boolean {
  return Math.abs(value - former) < Math.abs(value - yhat);
}

function undo(series: TrackedSeries, stepEndMs: number, yhat: number): LevelShiftEvent {
  const change = series.levelShifts.at(-1)!;
  const back = inverse(change);
  const to = back.factor * yhat + back.offset;
  series.levelShifts = series.levelShifts.slice(0, -1);
  // So it was an incident after all, a long one.
  const incident = { fromMs: change.atMs, toMs: stepEndMs, side: Math.sign(yhat - to), peakScore: 1, isTold: true };
  series.incidents.list = [...series.incidents.list.filter(({ toMs }) => toMs <= change.atMs), incident];
  series.levelAcceptedAtMs = Number.NaN;
  series.formerLevelUntilMs = Number.NEGATIVE_INFINITY;
  move(series, back);
  return { kind: 'reverted', timeMs: stepEndMs, from: yhat, to };
}

function move(series: TrackedSeries, change: LevelShift): void {
  series.model = moveModel(series.model!, change);
  series.excursion.end();
  // What it had strayed, it had strayed from another level.
  series.deviation = Number.NaN;
  series.detector.levelMoved();
}
