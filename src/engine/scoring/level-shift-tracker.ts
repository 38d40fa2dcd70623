import { levelWindowMs } from '../../detect/excursion.js';
import type { SeriesStore } from '../../series/series-store.js';
import { acceptLevel, decideShift, noteEvidence, swapHypotheses } from '../series/level-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { changeOfLevel, isNews } from './level-shift-detection.js';

/** A change of the level that is expected of a series. */
export interface LevelShiftEvent {
  /** `reverted`: the series is back at the level from before the last shift, which is undone. */
  readonly kind: 'accepted' | 'reverted';
  /** End of the step that decided it. */
  readonly timeMs: number;
  /** What was expected and what is now, at the same instant. */
  readonly from: number;
  readonly to: number;
}

/** What the present and the other hypothesis expect of a step, as [yhat, lower, upper]. */
export interface StepExpectation {
  readonly interval: Float64Array;
  /** Undefined where there is one hypothesis. */
  readonly other: Float64Array | undefined;
}

/** The other hypothesis explains a step if that is within this many half-widths of its interval. */
const EXPLAINED_HALVES = 2;
/** And it must be nearer than the one that holds by this factor. */
const MUCH_NEARER = 2;
/** The hypotheses are swapped from this much evidence on, in squared half-widths: with an interval of 99 %, 700 to one. */
const SWAP_EVIDENCE = 2;
/** A series at 0, or one that is stuck, is an outage for this long; then that is accepted as its level. */
const OUTAGE_MS = 86_400_000;
/** What a day of a younger series is like is not known: its levels may be those of the time of day. */
export const MIN_LEVEL_HISTORY_MS = 2 * 86_400_000;

/**
 * Accepts levels that series have taken for good: the model moves there at once, and the history before the shift with every
 * fit from now on. If the series goes back, the shift is undone.
 */
export class LevelShiftTracker {
  readonly #store: SeriesStore;

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /**
   * Takes in a step that was just scored, what was expected of it, and its score without regard to limits. What is usual then,
   * however far from what was expected, is no step towards another level.
   */
  track(
    series: TrackedSeries,
    stepEndMs: number,
    value: number,
    { interval, other, score, isUsual }: StepExpectation & { readonly score: number; readonly isUsual: boolean },
  ): LevelShiftEvent | undefined {
    const { stepMs, acceptAfterMs } = this.#store.settings(series.id);
    const windowMs = levelWindowMs(stepMs, acceptAfterMs);
    decideShift(series, stepEndMs, windowMs);
    if (Number.isNaN(value)) return undefined;
    const yhat = interval[0]!;
    const otherwise = series.openShift === undefined ? Number.NaN : (other?.[0] ?? Number.NaN);
    const side = isUsual
      ? 0
      : nearerTo(otherwise, value, yhat)
        ? Math.sign(otherwise - yhat)
        : sideOf(value, interval, score);
    if (!series.excursion.next(side, stepMs, acceptAfterMs)) return undefined;
    if (stepEndMs - this.#store.firstSampleMs(series.id) < MIN_LEVEL_HISTORY_MS) return undefined;
    const isNothing = (value === 0 && side < 0) || (score > 1 && series.detector.kind === 'stuck');
    if (isNothing && series.excursion.lastedMs < OUTAGE_MS) return undefined;
    const level = changeOfLevel(this.#store, series, stepEndMs, windowMs);
    if (level === undefined) return undefined;
    const { change, scatter } = level;
    const to = change.factor * yhat + change.offset;
    if ((to - yhat) * (value - yhat) <= 0) return undefined;
    if (nearerTo(otherwise, to, yhat)) return this.#swap(series, change.atMs, stepEndMs, yhat, otherwise);
    if (!isNews(this.#store, series, stepEndMs, windowMs, level)) return undefined;
    // These were no incidents but the new level.
    const alarms = series.alarms.list;
    series.alarms.list = alarms.filter(({ toMs }) => toMs <= change.atMs);
    const peakScore = Math.max(1, ...alarms.filter(({ toMs }) => toMs > change.atMs).map((alarm) => alarm.peakScore));
    acceptLevel(this.#store, series, change, scatter, stepEndMs, peakScore);
    return { kind: 'accepted', timeMs: stepEndMs, from: yhat, to };
  }

  /**
   * Swaps the hypotheses once a step that is not scored yet, with those just before it, is evidence enough that the other one
   * holds. Evidence is the logarithm of the likelihood ratio, up to a factor, summed while it is for the other one (E. S. Page,
   * "Continuous Inspection Schemes", 1954): where intervals overlap, single steps prove nothing.
   */
  trySwap(
    series: TrackedSeries,
    stepEndMs: number,
    value: number,
    { interval, other }: StepExpectation,
  ): LevelShiftEvent | undefined {
    if (other === undefined || Number.isNaN(value)) return undefined;
    const present = halvesFrom(value, interval);
    const otherwise = halvesFrom(value, other);
    const isExplained = otherwise <= EXPLAINED_HALVES && MUCH_NEARER * otherwise <= present;
    const ratio = present ** 2 - otherwise ** 2;
    const evidence = Math.max(0, series.openShift!.evidence + (isExplained ? ratio : Math.min(0, ratio)));
    noteEvidence(series, evidence);
    if (!(present > 1 && isExplained && evidence >= SWAP_EVIDENCE)) return undefined;
    const { stepMs } = this.#store.settings(series.id);
    return this.#swap(series, stepEndMs - stepMs, stepEndMs, interval[0]!, other[0]!);
  }

  #swap(series: TrackedSeries, atMs: number, stepEndMs: number, from: number, to: number): LevelShiftEvent {
    const isBack = series.openShift!.holds === 'after';
    const { peakScore, other } = series.openShift!;
    const sinceMs = other.leftAtMs;
    swapHypotheses(this.#store, series, atMs, stepEndMs);
    if (isBack) {
      // The level was a long incident after all.
      const alarm = {
        fromMs: sinceMs,
        toMs: atMs,
        side: Math.sign(from - to),
        peakScore,
        kind: 'value',
        suppressed: false,
      } as const;
      series.alarms.list = [...series.alarms.list.filter(({ toMs }) => toMs <= sinceMs), alarm];
    }
    return { kind: isBack ? 'reverted' : 'accepted', timeMs: stepEndMs, from, to };
  }
}

/** On which side a step is off, if it is: beyond the interval, or in alarm. */
function sideOf(value: number, interval: Float64Array, score: number): number {
  if (value > interval[2]! || (score > 1 && value > interval[0]!)) return 1;
  return value < interval[1]! || (score > 1 && value < interval[0]!) ? -1 : 0;
}

function nearerTo(other: number, value: number, yhat: number): boolean {
  return Math.abs(value - other) < Math.abs(value - yhat);
}

/** How far a value is from yhat, in half-widths of the interval on its side. */
function halvesFrom(value: number, [yhat, lower, upper]: Float64Array): number {
  const half = value < yhat! ? yhat! - lower! : upper! - yhat!;
  return value === yhat ? 0 : Math.abs(value - yhat!) / half;
}
